/** Why a step could not be done, in words of ours; what the page says about it stands apart. */
export class Trouble extends Error {
  /** Of the page: element names, its own words. */
  readonly seen: string | undefined;
  /** What to do about it. */
  readonly hint: string | undefined;

  constructor(why: string, { seen, hint, cause }: { seen?: string; hint?: string; cause?: unknown } = {}) {
    super(why, { cause });
    this.seen = seen;
    this.hint = hint;
  }
}

/** What Playwright's log of a failed action says, the last first. */
const obstacles: readonly [RegExp, string][] = [
  [/intercepts pointer events/, 'something else covers it'],
  [/element is not visible/, 'it is there but not visible'],
  [/element is not enabled/, 'it is disabled'],
  [/element is not editable/, 'it is read-only'],
  [/element is not stable/, 'it keeps moving'],
  [/element is outside of the viewport/, 'it cannot be scrolled into view'],
  [/did not find some options/, 'it has no such option'],
];

const refusals: readonly [RegExp, string][] = [
  [/Element is not an <input>, <textarea>/, 'it is no field that text can be typed into'],
  [/Element is not a <select>/, 'it is no <select>; click it, then click the option'],
  [/Not a checkbox or radio button/, 'it can be neither checked nor unchecked'],
  [/Clicking the checkbox did not change its state/, 'a click did not change its state'],
  [/Malformed value/, 'the value does not have the form of this field, e.g. 2026-12-31 for a date'],
  [/Cannot type text into input\[type=number\]/, 'the field takes only a number'],
  [/Unknown key: /, 'there is no key of this name'],
  [/Node is not an HTMLInputElement|Not an input element/, 'it is no field for files'],
  [/Non-multiple file input/, 'the field takes only one file'],
  [/Unexpected token|is not a valid selector|Unknown engine|while parsing/, 'the selector is not valid'],
  [/Download is starting/, 'the address is a file to download; use a download step on its link'],
  [/ERR_NAME_NOT_RESOLVED/, 'there is no host of this name'],
  [/ERR_CONNECTION_REFUSED/, 'nothing listens at this address'],
  [/ERR_(BLOCKED_BY_CLIENT|BLOCKED_BY_ADMINISTRATOR|ACCESS_DENIED)/, 'the browser may not open this address'],
  [/ERR_INTERNET_DISCONNECTED|ERR_TUNNEL_CONNECTION_FAILED|ERR_PROXY/, 'the network does not lead there'],
  [/ERR_ABORTED/, 'the browser gave up on it; it may be a download, or the page went elsewhere'],
  [/Cannot navigate to invalid URL/, 'this is no address'],
];

/** A failure of Playwright's in plain words. */
export function inWords(error: unknown, timeoutMs: number): Trouble {
  if (error instanceof Trouble) return error;
  const { message, name } = error as Error;
  const log = withoutColours(message);
  const isLate = name === 'TimeoutError' || /Timeout \d+ms exceeded/.test(log);
  const obstacle = obstacles.findLast(([pattern]) => pattern.test(log))?.[1];
  const why = obstacle ?? refusals.find(([pattern]) => pattern.test(log))?.[1];
  const late = `it was not done within ${timeoutMs / 1000} s`;
  const cover = /(<[^\n]*>) (?:from <[^\n]*> subtree )?intercepts pointer events/.exec(log)?.[1];
  if (why) return new Trouble(isLate && !obstacle ? `${why}; ${late}` : why, { seen: cover, cause: error });
  const code = /net::(ERR_\w+)/.exec(log)?.[1];
  if (code) return new Trouble(`the browser says ${code}`, { cause: error });
  if (isLate) return new Trouble(late, { cause: error });
  return new Trouble('the browser refused it', { seen: firstLine(log), cause: error });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const withoutColours = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');

const firstLine = (text: string) => text.split('\n')[0]?.replace(/^\w+\.\w+: /, '');
