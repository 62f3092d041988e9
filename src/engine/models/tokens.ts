const CHARACTERS_PER_TOKEN = 4;

/** Roughly how many tokens the texts anywhere inside a value are, names of members not counted: 4 characters each. */
export function estimateTokens(value: unknown): number {
  let characters = 0;
  for (const text of textsIn(value)) characters += text.length;
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

function* textsIn(value: unknown): Iterable<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
  for (const member of Object.values(value)) yield* textsIn(member);
}
