import { hidden, hideSecretShapes } from './platform/secret-shapes.ts';

/** Shorter values would blank out ordinary words. */
export const MIN_SECRET = 8;

const known = new Set<string>();

/** Marks a value that {@link redact} hides wherever it turns up, for the life of the process. */
export function keepSecret(value: string | undefined): void {
  if (value && value.length >= MIN_SECRET) known.add(value);
}

/** The most links that are remembered as such; they live for minutes. */
const MAX_LINKS = 100;

const links = new Set<string>();

/** Marks a link that is made for the user, so that {@link redact} leaves the signature in it. */
export function showLink(link: string): void {
  links.add(link);
  const [first = ''] = links;
  if (links.size > MAX_LINKS) links.delete(first);
}

/** The text without what looks like a secret, and without the values given to {@link keepSecret}; with what was given to {@link showLink}. */
export function redact(text: string): string {
  for (const link of links) if (text.includes(link)) return text.split(link).map(redact).join(link);
  let clean = text;
  // One may be the beginning of another.
  for (const secret of [...known].sort((a, b) => b.length - a.length))
    clean = clean.replaceAll(secret, hidden);
  return hideSecretShapes(clean);
}
