export function dot(a: Float32Array | undefined, b: Float32Array | undefined): number {
  if (!a || a.length !== b?.length) throw new Error('There are no two vectors of one length.');
  return a.reduce((sum, value, at) => sum + value * (b[at] as number), 0);
}
