import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { onPath } from '../../platform/on-path.ts';
import { userCacheHome } from '../../platform/paths.ts';

/** What browsers are called on the search path, those first that people have installed for themselves. */
const COMMANDS = [
  ...['google-chrome-stable', 'google-chrome', 'microsoft-edge-stable', 'microsoft-edge'],
  ...['chromium', 'chromium-browser'],
];
/** What they are called where they lie. */
const PROGRAM = /^(chrome|chromium|chromium-browser|msedge|headless_shell|chrome-headless-shell)$/;
/** Where distributions put what the command of this name, a script, starts. */
const BEHIND_SCRIPTS = ['/usr/lib', '/usr/lib64'].flatMap((folder) =>
  ['chromium', 'chromium-browser'].map((name) => join(folder, name, name)),
);
/** Lies beside every Chromium that was installed whole. */
const COMPANION = 'icudtl.dat';

/** The folders of Playwright's cache, a whole Chromium before one without windows. */
const CACHED = [/^chromium-(\d+)$/, /^chromium_headless_shell-(\d+)$/];
const IN_CACHED = [
  'chrome-linux64/chrome',
  'chrome-linux/chrome',
  'chrome-headless-shell-linux64/chrome-headless-shell',
  'chrome-linux/headless_shell',
];

/**
 * The program of an installed Chromium, in this order: Chrome, Edge, Chromium, Playwright's. Looks at a few files only, with
 * what Node 18 has.
 */
export function installedChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  for (const command of COMMANDS) {
    const path = onPath(command, env);
    const program = path && programBehind(path);
    if (program) return program;
  }
  return ofPlaywright(env);
}

/**
 * The program that a path leads to, through links and through the scripts of distributions.
 * @returns undefined where it leads to no Chromium in a folder of its own.
 */
export function programBehind(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const real = realpathSync(path);
  const behind = isScript(real)
    ? [...['chrome', 'msedge', 'chromium'].map((name) => join(dirname(real), name)), ...BEHIND_SCRIPTS]
    : [real];
  return behind.find(
    (program) =>
      PROGRAM.test(basename(program)) && existsSync(program) && existsSync(join(dirname(program), COMPANION)),
  );
}

/** What cannot be read, a folder for example, is none. */
function isScript(path: string): boolean {
  const start = Buffer.alloc(2);
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    readSync(file, start);
  } catch {
    return false;
  } finally {
    if (file !== undefined) closeSync(file);
  }
  return start.toString() === '#!';
}

function ofPlaywright(env: NodeJS.ProcessEnv): string | undefined {
  const home = env.PLAYWRIGHT_BROWSERS_PATH || join(userCacheHome(env), 'ms-playwright');
  const names = existsSync(home) ? readdirSync(home) : [];
  const newestFirst = CACHED.flatMap((kind) =>
    names
      .flatMap((name) => {
        const [, number] = kind.exec(name) ?? [];
        return number === undefined ? [] : { name, number: Number(number) };
      })
      .sort((a, b) => b.number - a.number),
  );
  return newestFirst
    .flatMap(({ name }) => IN_CACHED.map((place) => join(home, name, place)))
    .find((program) => programBehind(program) !== undefined);
}
