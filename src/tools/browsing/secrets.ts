import { dereference, type Sources } from '../../agentcore/references.ts';
import { keepSecret, MIN_SECRET } from '../../secrets.ts';
import { Trouble } from './trouble.ts';

const PREFIX = 'secret:';

/**
 * What to type for a value: `secret:NAME` and `secret:file:<workspace file>` stand for secrets, which no result and no log
 * shows from then on, in whichever of the usual spellings a page hands them back.
 * @throws Trouble where there is none, or it is too short to be told from ordinary words.
 */
export async function revealed(value: string, sources: Sources): Promise<string> {
  if (!value.startsWith(PREFIX)) return value;
  const reference = value.slice(PREFIX.length);
  const found = await dereference(reference, sources);
  const secret = found.value?.replace(/\r?\n$/, '') ?? '';
  const isNamed = found.isReference || /^[A-Za-z_]\w*$/.test(reference);
  if (secret === '')
    throw new Trouble(
      isNamed
        ? `there is no secret in ${reference}`
        : 'secret: is not followed by the name of a variable or file:<path>',
      { hint: "Its user sets a variable of the server's environment, or puts a file into the workspace." },
    );
  if (secret.length < MIN_SECRET)
    throw new Trouble(
      `the secret in ${reference} has fewer than ${MIN_SECRET} characters, too few to hide it from results`,
    );
  for (const spelling of spellingsOf(secret)) keepSecret(spelling);
  return secret;
}

/** As pages, addresses, forms and programs write it. */
function spellingsOf(secret: string): string[] {
  const inHtml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    encodeURI(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    new URL(`http://localhost/?${secret}`).search.slice(1),
    inHtml,
    inHtml.replaceAll('"', '&quot;'),
    secret.replaceAll(/\s+/g, ' ').trim(),
    secret.replaceAll(/[\r\n]+/g, ''),
  ];
}
