import { createContext, Script } from 'node:vm';
import { invalidParameter } from './exceptions.ts';

/** Whether each message fits, in their order. @throws InvalidParameterException when that takes too long. */
export type Matcher = (messages: readonly string[]) => boolean[];

interface Term {
  kind: '' | '?' | '-';
  text: string;
  regex?: RegExp;
}

/** How long the regular expressions of one request may run, in all. */
const REGEX_BUDGET_MS = 2_000;
const MAX_REGEXES = 2;
const SHOWN = 100;

/** A term, optional with `?`, excluding with `-`: quoted, a regular expression between `%`, or up to the next space. */
const termForm = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%]\S*))(?=\s|$)|(\S+)/g;
const regexForm = /^[\w\s:#=@/;,.\-^$?[\]{}|\\*+]*$/;
const runRegexes = new Script('regexes.map((regex) => messages.map((message) => regex.test(message)))');

/**
 * Reads a filter pattern for unstructured events: every plain term has to be in a message, at least one of the `?`
 * terms where there are no plain ones, and none of the `-` terms. Upper and lower case matter.
 * @throws InvalidParameterException for a pattern that is not one, or looks into JSON or columns.
 */
export function parseFilterPattern(pattern: string): Matcher {
  const trimmed = pattern.trim();
  if (/^[{[]/.test(trimmed)) {
    throw invalidParameter(
      `The local engine filters by terms: "error", ?a ?b, -c, "a phrase", %regex%. It does not read the JSON or ` +
        `space-delimited filter pattern ${shown(trimmed)}. Put quotes around text that begins with { or [.`,
    );
  }
  const terms = Array.from(trimmed.matchAll(termForm), (match) => termOf(match, trimmed));
  if (terms.filter(({ regex }) => regex).length > MAX_REGEXES) {
    throw invalidParameter(
      `A filter pattern may have ${MAX_REGEXES} regular expressions: ${shown(trimmed)}.`,
    );
  }
  const required = terms.filter(({ kind }) => kind === '');
  const excluded = terms.filter(({ kind }) => kind === '-');
  // As on AWS, optional terms mean nothing beside required ones.
  const optional = required.length > 0 ? [] : terms.filter(({ kind }) => kind === '?');
  const found = finder(terms);
  return (messages) => {
    const hits = found(messages);
    const has = (term: Term, index: number) => hits.get(term)?.[index] === true;
    return messages.map(
      (_, index) =>
        required.every((term) => has(term, index)) &&
        !excluded.some((term) => has(term, index)) &&
        (optional.length === 0 || optional.some((term) => has(term, index))),
    );
  };
}

function termOf([whole, kind = '', quoted, regex, plain]: RegExpExecArray, pattern: string): Term {
  const known = kind as Term['kind'];
  if (quoted !== undefined) return { kind: known, text: quoted.replaceAll(/\\(.)/gs, '$1') };
  if (plain !== undefined) return { kind: known, text: plain };
  if (regex !== undefined) return { kind: known, text: regex, regex: regexOf(regex) };
  throw invalidParameter(`Invalid filter pattern ${shown(pattern)}: ${shown(whole)} has no end.`);
}

function regexOf(source: string): RegExp {
  if (!regexForm.test(source)) {
    throw invalidParameter(
      `The regular expression %${source.slice(0, SHOWN)}% has a character that filter patterns do not take. ` +
        'Allowed are letters, digits, : _ # = @ / ; , - and ^ $ ? [ ] { } | \\ * + .',
    );
  }
  try {
    return new RegExp(source);
  } catch {
    throw invalidParameter(`%${source.slice(0, SHOWN)}% is no regular expression.`);
  }
}

/** Which messages have which terms. Regular expressions run where they can be interrupted. */
function finder(terms: readonly Term[]): (messages: readonly string[]) => Map<Term, boolean[]> {
  const withRegex = terms.filter(({ regex }) => regex);
  const plain = terms.filter(({ regex }) => !regex);
  const sandbox: { regexes: unknown; messages: readonly string[] } = {
    regexes: withRegex.map(({ regex }) => regex),
    messages: [],
  };
  const context = withRegex.length > 0 ? createContext(sandbox) : undefined;
  let left = REGEX_BUDGET_MS;

  function matchRegexes(messages: readonly string[]): boolean[][] {
    if (!context || messages.length === 0) return withRegex.map(() => []);
    const began = performance.now();
    sandbox.messages = messages;
    try {
      return runRegexes.runInContext(context, { timeout: Math.max(1, Math.ceil(left)) });
    } catch {
      throw invalidParameter('The regular expression takes too long on these events. Make it simpler.');
    } finally {
      left -= performance.now() - began;
    }
  }

  return (messages) => {
    const byRegex = matchRegexes(messages);
    return new Map([
      ...plain.map((term) => [term, messages.map((message) => message.includes(term.text))] as const),
      ...withRegex.map((term, index) => [term, byRegex[index] ?? []] as const),
    ]);
  };
}

function shown(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text;
}
