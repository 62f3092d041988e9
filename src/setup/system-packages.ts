import { onPath } from '../platform/on-path.ts';
import { failureOf, outputOf } from './programs.ts';

/** A thing to install, by the name each package manager has for it. */
export type Need = 'bubblewrap' | 'python' | 'chromium';

interface Manager {
  program: string;
  install: string;
  packages: Record<Need, string>;
}

const usual = { bubblewrap: 'bubblewrap', python: 'python3', chromium: 'chromium' };

const debian: Manager = {
  program: 'apt-get',
  install: 'apt-get install',
  packages: { ...usual, python: 'python3 python3-venv' },
};

/** Small, and has the letters of Chinese, Japanese and Korean for plots and pages. */
const DEBIAN_FONT = 'fonts-wqy-microhei';

const managers: readonly Manager[] = [
  debian,
  { program: 'dnf', install: 'dnf install', packages: usual },
  { program: 'zypper', install: 'zypper install', packages: usual },
  { program: 'pacman', install: 'pacman -S', packages: { ...usual, python: 'python' } },
  { program: 'apk', install: 'apk add', packages: usual },
];

const packagesOf = (manager: Manager, needs: readonly Need[]) =>
  needs.flatMap((need) => manager.packages[need].split(' '));

const isRoot = () => process.getuid?.() === 0;

/** The command a person would type to install these things here. */
export function installCommand(needs: readonly Need[]): string {
  const manager = managers.find(({ program }) => onPath(program));
  if (!manager) return `install ${needs.join(' and ')} with the system's package manager`;
  return `${isRoot() ? '' : 'sudo '}${manager.install} ${packagesOf(manager, needs).join(' ')}`;
}

/** What to put before apt-get: nothing for root, otherwise a sudo that asks for no password. */
async function privileges(): Promise<string[] | undefined> {
  if (!onPath('apt-get')) return undefined;
  if (isRoot()) return [];
  const sudo = onPath('sudo');
  return sudo && (await outputOf(sudo, ['-n', 'true'])) !== undefined ? [sudo, '-n'] : undefined;
}

/** Whether {@link installPackages} can do anything here: a system with apt, and the right to use it unasked. */
export const canInstall = async () => (await privileges()) !== undefined;

/**
 * Installs with apt, refreshing its lists when they do not have the packages; where it can, also a font for plots and pages.
 * @param onLine gets what apt says.
 * @returns undefined when it succeeds, otherwise what apt said last.
 */
export async function installPackages(
  needs: readonly Need[],
  onLine: (line: string) => void = () => {},
): Promise<string | undefined> {
  const prefix = (await privileges()) ?? [];
  const apt = (...args: string[]) => {
    const settings = ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120'];
    const [command = 'env', ...rest] = [...prefix, 'env', ...settings, ...args];
    return failureOf(command, rest, { onLine });
  };
  const install = (packages: string[]) => apt('install', '-y', '--no-install-recommends', ...packages);
  const wanted = packagesOf(debian, needs);
  const failure = (await install(wanted)) && ((await apt('update')) ?? (await install(wanted)));
  if (failure === undefined) await install([DEBIAN_FONT]);
  return failure;
}
