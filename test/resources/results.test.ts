import { expect, test } from 'vitest';
import { readResource } from '../../src/resources/resources.ts';
import { resultUri } from '../../src/resources/uris.ts';
import { contextWith } from '../support/contexts.ts';

test('a long result is read in pages that lose nothing, each fenced', async () => {
  const context = contextWith();
  // The first page would end in the middle of a character.
  const text = `${'a'.repeat(149_999)}😀${'b'.repeat(200_000)}`;
  const id = context.kept.keep(text);
  const read = async (uri: string) => {
    const [content] = (await readResource(context, uri, new AbortController().signal)).contents;
    return (content as { text: string }).text;
  };
  const parts: string[] = [];
  let uri: string | undefined = resultUri(id);
  while (uri) {
    const page = await read(uri);
    expect(page).toMatch(new RegExp(`^Page ${parts.length + 1} of 3\\. `));
    parts.push(/<(untrusted-\w+)>\n(.*)\n<\/\1>$/s.exec(page)?.[2] ?? '');
    uri = /The next is (\S+)\.\n/.exec(page)?.[1];
  }
  expect(parts.join('')).toBe(text);
  await expect(read(resultUri(id, 4))).rejects.toThrow();
});

test('a result of one page is read as it is', async () => {
  const context = contextWith();
  const uri = resultUri(context.kept.keep('short'));
  const { contents } = await readResource(context, uri, new AbortController().signal);
  expect(contents).toEqual([{ uri, mimeType: 'text/plain', text: 'short' }]);
});

test.each(['../secret', '/etc/passwd', '%2e%2e/secret'])('%s is no file of the workspace', async (path) => {
  const context = contextWith();
  const read = readResource(context, `agentcore://workspace/${path}`, new AbortController().signal);
  await expect(read).rejects.toThrow(/OutsideWorkspace/);
});
