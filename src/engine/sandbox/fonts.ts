import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mount } from './mounts.ts';
import { HOME, SKELETON } from './mounts.ts';
import type { Sandbox } from './sandbox.ts';

/** Where matplotlib keeps the list of fonts it has found, below the home directory. */
const CACHE = '.cache/matplotlib';
/** Its settings, in the same folder as the lists while they are kept. */
const SETTINGS = 'matplotlibrc';
const SETTINGS_FOLDER = '.config/matplotlib';
const MAX_LIST = 16 * 1024 ** 2;
const DEADLINE_MS = 120_000;

/** Where systems keep their fonts, a folder for each format or maker. */
const SYSTEM_FONTS = ['/usr/share/fonts', '/usr/local/share/fonts'];

/** Fonts with Chinese, Japanese or Korean letters, those that have all of them first. */
const EAST_ASIAN_FONTS = [
  'Noto Sans CJK JP',
  'Noto Sans CJK SC',
  'Source Han Sans',
  'Droid Sans Fallback',
  'WenQuanYi Zen Hei',
  'WenQuanYi Micro Hei',
  'Noto Sans SC',
  'Noto Sans JP',
  'Noto Sans KR',
  'IPAexGothic',
  'IPAGothic',
  'TakaoGothic',
  'VL Gothic',
  'NanumGothic',
  'Baekmuk Dotum',
];

const LOOK =
  'import matplotlib.font_manager as f; print(*{e.name for e in f.fontManager.ttflist}, sep="\\n")';

const folderOf = (environment: string) => join(environment, 'matplotlib-fonts');

/** What is prepared for matplotlib in the home directory of a sandbox; empty while there is nothing, or fonts have changed. */
export function fontMounts(environment: string): Mount[] {
  const folder = folderOf(environment);
  if (SYSTEM_FONTS.flatMap(withChildren).some((fonts) => changeOf(fonts) > changeOf(folder))) return [];
  try {
    return readdirSync(folder).map((name) => ({
      kind: 'file',
      content: readFileSync(join(folder, name)),
      target: `${SKELETON}/${name === SETTINGS ? SETTINGS_FOLDER : CACHE}/${name}`,
    }));
  } catch {
    return [];
  }
}

function withChildren(folder: string): string[] {
  try {
    return [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  } catch {
    return [];
  }
}

const changeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;

/**
 * Lets matplotlib look for fonts once, in a sandbox of its own, and keeps what it found beside the environment: without
 * it the first figure of every sandbox waits for that search. Letters that the usual font lacks are then taken from the
 * East Asian fonts that were found. Where the folder cannot be written nothing is kept.
 */
export async function prepareFonts(environment: string, sandbox: Sandbox): Promise<void> {
  const { exitCode, stdout } = await sandbox.runCommand(`rm -rf ~/${CACHE} && python -c '${LOOK}'`, {
    timeoutMs: DEADLINE_MS,
  });
  if (exitCode !== 0) return;
  const place = folderOf(environment);
  const draft = `${place}.${process.pid}`;
  try {
    mkdirSync(draft);
    for (const { path } of await sandbox.listFiles(join(HOME, CACHE))) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      if (name.endsWith('.json')) writeFileSync(join(draft, name), await sandbox.readFile(path, MAX_LIST));
    }
    const installed = new Set(stdout.split('\n'));
    const families = ['sans-serif', ...EAST_ASIAN_FONTS.filter((family) => installed.has(family))];
    writeFileSync(join(draft, SETTINGS), `font.family: ${families.join(', ')}\n`);
    rmSync(place, { recursive: true, force: true });
    renameSync(draft, place);
  } catch {
    // Somebody else was faster, or the folder is not ours to write; figures work all the same.
    rmSync(draft, { recursive: true, force: true });
  }
}
