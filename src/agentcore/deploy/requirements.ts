import { posix } from 'node:path';
import { ToolFailure } from '../../failure.ts';
import type { SourceFile } from './source.ts';

/** The name of a file, which pip would look for. */
const archive = /^[^\s;@=<>~!([]+\.(?:whl|zip|tar|tgz|gz|bz2|xz|lzma|zst|egg)(?=\s|;|$)/i;

const MAX_DEPTH = 5;

const option = /^(-r|--requirement|-c|--constraint)(?:\s+|=)(.+)$/;
/** Lines that only say where packages come from, or what they have to be; other options on them would be followed too. */
const harmless =
  /^(?:--pre|--prefer-binary|--no-index|--require-hashes|(?:--(?:extra-)?index-url|-i)(?:\s+|\s*=\s*)https?:\/\/[^\s"'\\]+)$/;
const hashes = /(?:\s+--hash[\s=]\w+:[0-9A-Fa-f]+)+$/;
/** pip begins a new line at any of these. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
const lineBreak = /[\u0000-\u0008\u000a-\u001f\u0085\u2028\u2029]/;
const named = /^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\s*(?:\[[\w\s,.-]*\])?\s*(?:$|[;(<>=!~@])/;

/**
 * A requirements file with the files it includes, freed of comments. Getting packages must run no code of theirs on this
 * machine, so only names and addresses of wheels are taken: no folders, repositories and source archives.
 * @throws ToolFailure `Requirements` naming the line.
 */
export function requirementsOf(files: readonly SourceFile[], path = 'requirements.txt', depth = 0): string[] {
  const file = files.find((other) => other.path === path);
  if (!file) throw wrong(`${path} is included but not there`);
  if (depth > MAX_DEPTH) throw wrong(`${path} is included too deep`);
  return logicalLines(file.content.toString()).flatMap((line) => {
    const [, flag, target = ''] = option.exec(line) ?? [];
    if (flag) {
      const inner = posix.join(posix.dirname(path), target.replaceAll(/["']/g, ''));
      if (flag.startsWith('-c') || flag === '--constraint')
        throw wrong(`${path}: "${line}" gives constraints; write the versions into ${path} itself`);
      return requirementsOf(files, inner, depth + 1);
    }
    return checkedRequirement(line, path);
  });
}

/** @throws ToolFailure `Requirements` for what is no plain requirement. */
export function checkedRequirement(line: string, path: string): string {
  if (lineBreak.test(line)) throw notTaken(line, path);
  if (line.includes('${')) throw withVariable(line, path);
  if (harmless.test(line)) return line;
  const options = /\s-.*$/.exec(line.replace(hashes, ''));
  if (!named.test(line) || archive.test(line) || options) throw notTaken(line, path);
  const [, address] = /@\s*(\S+)/.exec(line) ?? [];
  if (address && !/^https:\/\/[^\s#?]+\.whl(?:[#?]\S*)?$/.test(address)) throw notTaken(line, path);
  return line;
}

function logicalLines(text: string): string[] {
  return text
    .replace(/^\uFEFF/, '')
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter(Boolean);
}

function notTaken(line: string, path: string): ToolFailure {
  return wrong(`${path}: "${line.slice(0, 120)}" is not taken`);
}

/** The installer would put a value of this process's environment there, for example a key into an address. */
function withVariable(line: string, path: string): ToolFailure {
  return new ToolFailure({
    code: 'Requirements',
    message: `${path}: "${line.slice(0, 120)}" names a variable of the environment, which is not filled in here.`,
    hint: "An index with a password is set where pip or uv has its settings (PIP_INDEX_URL, UV_INDEX_URL), not in the agent's folder.",
  });
}

function wrong(problem: string): ToolFailure {
  return new ToolFailure({
    code: 'Requirements',
    message: `${problem}.`,
    hint: 'Requirements are lines such as strands-agents>=1.0, or name @ https://…/name.whl. Code of your own goes beside the entry point, not through pip.',
  });
}
