import { bundledChromium, unpackChromium } from '../engine/browser/bundled.ts';
import { signOfLife } from './sign-of-life.ts';
import { hasBrowser } from './state.ts';
import { canInstall, installCommand, installPackages, type Need } from './system-packages.ts';

const NEEDS: readonly Need[] = ['chromium'];

/** How a part of the machine is set up. */
export interface PartSetUp {
  say(line: string): void;
  /** Asks before the system is changed; absent where nobody can answer. */
  confirm?: ((question: string) => Promise<boolean>) | undefined;
  /** Whether the system may be changed. */
  mayInstall: boolean;
}

/**
 * Installs Chromium for browser sessions, unless this machine has one: by apt where that may be, otherwise the one that comes
 * with this program.
 * @returns whether it is there now, and whether apt failed or was declined. What is missing was said, with its cure.
 */
export async function setUpBrowser(options: PartSetUp): Promise<{ works: boolean; failed: boolean }> {
  if (hasBrowser()) return { works: true, failed: false };
  const tried = options.mayInstall && (await canInstall());
  if (tried && (await install(options)) && hasBrowser()) return { works: true, failed: false };
  const works = await unpack(options.say);
  if (!works)
    options.say(
      `Browser sessions are off: there is no Chromium, Chrome or Edge. To mend it: ${installCommand(NEEDS)}`,
    );
  return { works, failed: tried };
}

/** @returns whether apt succeeded. */
async function install({ say, confirm }: PartSetUp): Promise<boolean> {
  if (
    confirm &&
    !(await confirm('Browser sessions need Chromium (some 400 MB). Install with apt-get now? [Y/n] '))
  ) {
    say('Not installed.');
    return false;
  }
  say('Installing Chromium with apt-get, for browser sessions ...');
  const failure = await signOfLife(say, (doing) =>
    installPackages(NEEDS, (line) => {
      const done = doingOf(line);
      if (done !== undefined) doing(done);
    }),
  );
  if (failure !== undefined) say(`apt-get failed. It said last:\n${failure}`);
  return failure === undefined;
}

/** What apt does, from a line it prints. */
function doingOf(line: string): string | undefined {
  if (line.startsWith('Get:')) return 'downloading';
  const [, verb, what] = /^(Unpacking|Setting up) (\S+)/.exec(line) ?? [];
  return verb && `${verb.toLowerCase()} ${what}`;
}

/** @returns whether the one that comes with this program is there now. */
async function unpack(say: (line: string) => void): Promise<boolean> {
  const bundled = bundledChromium();
  if (!bundled) return false;
  try {
    say(`Unpacking the Chromium that comes with agentcore-mcp (about 220 MB): ${bundled.folder}`);
    await unpackChromium(bundled);
    return true;
  } catch (error) {
    say(`It could not be unpacked: ${(error as Error).message}`);
    return false;
  }
}
