/** Headers that are between two neighbours and never go further (RFC 9110, 7.6.1), and what only a proxy reads. */
const hopByHop = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What goes on of a message's raw headers, name after value as Node has them, in their order and spelling. */
export function endToEnd(rawHeaders: readonly string[], alsoWithout: readonly string[] = []): string[] {
  const pairs = Array.from({ length: rawHeaders.length / 2 }, (_, index) => {
    const [name = '', value = ''] = rawHeaders.slice(2 * index, 2 * index + 2);
    return { name, value };
  });
  const named = pairs
    .filter(({ name }) => name.toLowerCase() === 'connection')
    .flatMap(({ value }) =>
      value
        .toLowerCase()
        .split(',')
        .map((token) => token.trim()),
    );
  const dropped = new Set([...hopByHop, ...named, ...alsoWithout]);
  return pairs
    .filter(({ name }) => !dropped.has(name.toLowerCase()))
    .flatMap(({ name, value }) => [name, value]);
}
