/** What stands in the place of a secret. */
export const hidden = '[hidden]';

/**
 * Where a secret may begin: not inside a word. The letter of an escape such as `\n` in JSON or in a repr, of `%0a` in an
 * address and of a terminal's colour is not of the word that follows.
 */
const start = String.raw`(?:(?<!\w)|(?<=\\(?:[a-zA-Z]|x[\da-fA-F]{2}|u[\da-fA-F]{4}|[0-7]{3})|%[\da-fA-F]{2}|\[[\d;]{0,16}m))`;

const beginning = (secret: RegExp) => new RegExp(start + secret.source, `g${secret.flags}`);

/**
 * Of a bearer token: `authentication` is none. It has a digit; or letters in mixed case or the padding of base64, and
 * some length; or it goes on for longer than words do.
 */
const token = String.raw`(?:(?=[\w.~+/=-]*\d)[\w.~+/=-]{8,}|(?=[\w.~+/=-]*(?:[a-z][A-Z]|[~+]|=(?!\w)))[\w.~+/=-]{16,}|(?=[\w.~+/=-]*[A-Za-z]{25})[\w.~+/=-]+)`;

/**
 * What secrets look like when their value is not known. A group in front of the secret is kept. The text may be made to
 * keep a pattern busy, so none may begin at many places of a run that it goes through to the end.
 */
const shapes: readonly RegExp[] = [
  beginning(/(?:AKIA|ASIA)[A-Z0-9]{16}\b/),
  /((?:secret_?access_?key|session_?token)\\?["']?\s*[:=]\s*\\?["']?)[A-Za-z0-9/+=]{20,}/gi,
  /(X-Amz-(?:Security-Token|Signature)=)[^&\s"'<>]+/gi,
  beginning(/(Signature=)[0-9a-f]{16,}/i),
  // Behind its header it is no word, whatever it looks like.
  /(authorization\\?["']?\s*[:=]\s*\\?["']?(?:bearer|basic)\s+)[^\s"'\\,;]{8,}/gi,
  beginning(new RegExp(`([Bb][Ee][Aa][Rr][Ee][Rr]\\s+)${token}`)),
  beginning(/(?<!-)eyJ[\w-]+\.[\w-]+\.[\w-]*/),
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/g,
];

/** The text without AWS keys, signatures, bearer tokens, JSON web tokens and private keys, in time linear to its length. */
export function hideSecretShapes(text: string): string {
  const hide = (_match: string, kept: unknown) => (typeof kept === 'string' ? kept + hidden : hidden);
  return shapes.reduce((clean, shape) => clean.replace(shape, hide), text);
}
