import type { InputOf } from '../../service.ts';
import { invalidParameter, invalidToken } from './exceptions.ts';
import type { SecretRow } from './secret-store.ts';

type Input = InputOf<'ListSecrets', 'secrets'>;

const DEFAULT_PAGE = 100;

/** What of a secret a filter looks at, by its key; every text is searched from its beginning. */
const fields: Readonly<Record<string, (row: SecretRow) => readonly (string | undefined)[]>> = {
  name: ({ name }) => [name],
  description: ({ description }) => [description],
  'tag-key': ({ tags = [] }) => tags.map(({ Key }) => Key),
  'tag-value': ({ tags = [] }) => tags.map(({ Value }) => Value),
  all: ({ name, description, tags = [] }) => [
    name,
    description,
    ...tags.flatMap(({ Key, Value }) => [Key, Value]),
  ],
};

/**
 * One page of secrets, newest first unless told otherwise.
 * @throws InvalidParameterException for a filter that is not known, InvalidNextTokenException.
 */
export function pageOf(
  rows: readonly SecretRow[],
  { Filters = [], IncludePlannedDeletion = false, MaxResults = DEFAULT_PAGE, NextToken, SortOrder }: Input,
): { items: SecretRow[]; nextToken: string | undefined } {
  const tests = Filters.map(({ Key = '', Values = [] }) => testFor(Key, Values));
  const found = rows.filter(
    (row) => (IncludePlannedDeletion || row.deletion === undefined) && tests.every((test) => test(row)),
  );
  if (SortOrder === 'asc') found.reverse();
  const start = NextToken === undefined ? 0 : found.findIndex(({ arn }) => arn === decode(NextToken)) + 1;
  if (NextToken !== undefined && start === 0)
    throw invalidToken('The NextToken was not made by this listing. Start again without one.');
  const items = found.slice(start, start + MaxResults);
  const more = start + MaxResults < found.length;
  return { items, nextToken: more ? encode(items.at(-1)?.arn ?? '') : undefined };
}

/** A value that begins with `!` excludes. Of several, one must fit. */
function testFor(key: string, values: readonly string[]): (row: SecretRow) => boolean {
  const field = fields[key];
  if (!field)
    throw invalidParameter(
      `The filter ${key} is not known to the local engine; these are: ${Object.keys(fields).join(', ')}.`,
    );
  const has = (row: SecretRow, value: string) => field(row).some((text) => text?.startsWith(value));
  return (row) =>
    values.some((value) => (value.startsWith('!') ? !has(row, value.slice(1)) : has(row, value)));
}

const encode = (text: string) => Buffer.from(text).toString('base64url');
const decode = (text: string) => Buffer.from(text, 'base64url').toString();
