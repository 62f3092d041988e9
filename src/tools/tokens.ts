const LETTER = 1 / 4;
const SIGN = 1 / 2;
/** Half of a surrogate pair: of an emoji, say. */
const SURROGATE = 3 / 2;

function weight(code: number): number {
  if (code > 0x7f) return code >= 0xd800 && code <= 0xdfff ? SURROGATE : 1;
  const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return letter || code === 0x20 ? LETTER : SIGN;
}

/** About how many tokens a text costs a model. Rather too many than too few: prose ~1.1 times, code and ids more. */
export function tokensOf(text: string): number {
  let tokens = 0;
  for (let i = 0; i < text.length; i++) tokens += weight(text.charCodeAt(i));
  return Math.ceil(tokens);
}

/** The longest beginning of a text that costs at most so many tokens; never half of a surrogate pair. */
export function beginning(text: string, tokens: number): string {
  let spent = 0;
  let end = 0;
  while (end < text.length) {
    spent += weight(text.charCodeAt(end));
    if (spent > tokens) break;
    end++;
  }
  return text.slice(0, splitsPair(text, end) ? end - 1 : end);
}

/** The longest end of a text, likewise. */
export function ending(text: string, tokens: number): string {
  let spent = 0;
  let start = text.length;
  while (start > 0) {
    spent += weight(text.charCodeAt(start - 1));
    if (spent > tokens) break;
    start--;
  }
  return text.slice(splitsPair(text, start) ? start + 1 : start);
}

function splitsPair(text: string, index: number): boolean {
  return /[\ud800-\udbff]/.test(text.charAt(index - 1)) && /[\udc00-\udfff]/.test(text.charAt(index));
}
