import { ObjectError } from '../../services/objects/objects.ts';

/** What an element holds: text, elements by name (a list repeats its element), or nothing at all. */
export type Content =
  | string
  | number
  | boolean
  | undefined
  | { readonly [name: string]: Content | Content[] };

/** An element as it was read. */
export interface Element {
  name: string;
  /** All the text directly in it. */
  text: string;
  children: Element[];
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const MAX_DEPTH = 8;

/** A document of S3. What is undefined is left out. */
export function xmlDocument(root: string, content: Content, namespace = true): string {
  const inner = render(content);
  const attribute = namespace ? ` xmlns="${NAMESPACE}"` : '';
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${attribute}>${inner}</${root}>`;
}

function render(content: Content): string {
  if (content === undefined) return '';
  if (typeof content !== 'object') return escaped(String(content));
  return Object.entries(content)
    .flatMap(([name, values]) => [values].flat().map((value) => [name, value] as const))
    .map(([name, value]) => (value === undefined ? '' : `<${name}>${render(value)}</${name}>`))
    .join('');
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Control characters become references, as S3 writes them although XML 1.0 does not know them. */
function escaped(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped.
    /[&<>"\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g,
    (character) => named[character] ?? `&#x${character.charCodeAt(0).toString(16)};`,
  );
}

const TOKEN = /<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/**
 * Reads the few kinds of document that S3's requests have: elements and text. Attributes are skipped over; document types,
 * entities of their own, processing instructions, comments and CDATA are refused.
 * @throws ObjectError 400 `MalformedXML`.
 */
export function readXml(text: string): Element {
  const document = text.replace(/^\ufeff?\s*(<\?xml\s[^<>]*\?>)?\s*/, '').trimEnd();
  const top: Element = { name: '', text: '', children: [] };
  const open = [top];
  for (let at = 0; at < document.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [, closing, name, , empty, characters] = TOKEN.exec(document) ?? malformed();
    const inside = open.at(-1) ?? malformed();
    if (characters !== undefined) {
      if (inside === top) malformed();
      inside.text += unescaped(characters);
    } else if (closing) {
      if (inside.name !== name || inside === top || empty) malformed();
      open.pop();
    } else {
      const element: Element = { name: name ?? malformed(), text: '', children: [] };
      inside.children.push(element);
      if (!empty) open.push(element);
      if (open.length > MAX_DEPTH) malformed();
    }
  }
  const [root, ...more] = top.children;
  if (!root || more.length > 0 || open.length > 1) malformed();
  return root ?? malformed();
}

const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&([^;&]{0,16})(;?)/g, (_, reference: string, end: string) => {
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference);
    const code = number ? Number.parseInt(number[1] ?? number[2] ?? '', number[1] ? 16 : 10) : Number.NaN;
    const known = code <= 0x10ffff ? String.fromCodePoint(code) : references[reference];
    return end && known !== undefined ? known : malformed();
  });
}

/** The only child of this name; undefined where there is none. */
export function child({ children }: Element, name: string): Element | undefined {
  const [first, ...more] = children.filter((element) => element.name === name);
  return more.length > 0 ? malformed() : first;
}

export function malformed(): never {
  throw new ObjectError(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema.',
  );
}
