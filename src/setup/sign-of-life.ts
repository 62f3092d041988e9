const EVERY_MS = 10_000;

/** Says every ten seconds what something long is doing, as it tells by the function that it gets. */
export async function signOfLife<T>(
  say: (line: string) => void,
  work: (doing: (what: string) => void) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  let current = 'starting';
  const timer = setInterval(() => {
    say(`  ${Math.round((Date.now() - started) / 1000)} s: ${current}`);
  }, EVERY_MS);
  try {
    return await work((what) => {
      current = what;
    });
  } finally {
    clearInterval(timer);
  }
}
