import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ownCommand } from '../../platform/own-command.ts';
import type { Mount } from '../sandbox/mounts.ts';
import { BrowserError } from './browser.ts';
import { bundledChromium, unpackChromium } from './bundled.ts';
import { installedChromium, programBehind } from './chromium.ts';

/** Where a sandbox finds a Chromium that is no part of the system. */
const PLACE = '/opt/chromium';
/** Where the settings of the bundled fonts say that they are. */
const FONTS = '/opt/fonts';

/** A Chromium of this machine, and how a sandbox gets it. */
export interface Chromium {
  /** The program on this machine. */
  path: string;
  /** The same program as a sandbox sees it. */
  program: string;
  mounts: readonly Mount[];
  environment: Readonly<Record<string, string>>;
}

/**
 * The Chromium to use: the configured one, or an installed one, or the bundled one, which is unpacked when it is first needed.
 * @throws BrowserError where there is none; its message has the cure.
 */
export async function findChromium(configured?: string): Promise<Chromium> {
  const installed = configured === undefined ? installedChromium() : programBehind(configured);
  if (installed !== undefined) return ofSystem(installed);
  const bundled = configured === undefined ? bundledChromium() : undefined;
  const lack = whyNone(configured);
  if (!bundled) throw new BrowserError(lack ? `${lack.reason}. ${lack.cure}` : 'Try again.');
  try {
    await unpackChromium(bundled);
  } catch (error) {
    throw new BrowserError(
      `The Chromium that comes with this program could not be unpacked to ${bundled.folder}: ${(error as Error).message}. Make room there, or install Chromium: ${ownCommand('setup')}`,
    );
  }
  return ofPackage(bundled.folder);
}

/** Why there is no Chromium, and the cure; undefined where there is one. Nothing is started or unpacked for it. */
export function whyNone(configured?: string): { reason: string; cure: string } | undefined {
  if (configured !== undefined) {
    if (programBehind(configured) !== undefined) return undefined;
    const reason = `${configured} (--browser-path) is no Chromium, Chrome or Edge that lies in its own folder`;
    return { reason, cure: 'Name the program itself, or leave the option out.' };
  }
  if (installedChromium() !== undefined || bundledChromium() !== undefined) return undefined;
  return {
    reason: 'There is no Chromium, Chrome or Edge on this machine',
    cure: `Run this in a terminal: ${ownCommand('setup')}`,
  };
}

/** What lies below /usr every sandbox has; anything else comes with the folder that it lies in. */
function ofSystem(path: string): Chromium {
  if (path.startsWith('/usr/')) return { path, program: path, mounts: [], environment: {} };
  const mount: Mount = { kind: 'bind', source: dirname(path), target: PLACE };
  return { path, program: join(PLACE, basename(path)), mounts: [mount], environment: {} };
}

/** Brings the libraries and, where the machine has none, the fonts that others take from the system. */
function ofPackage(folder: string): Chromium {
  const fonts: Mount = { kind: 'bind', source: join(folder, 'fonts'), target: FONTS };
  const lacksFonts = !existsSync('/etc/fonts/fonts.conf');
  return {
    path: join(folder, 'chromium'),
    program: join(PLACE, 'chromium'),
    mounts: [{ kind: 'bind', source: folder, target: PLACE }, ...(lacksFonts ? [fonts] : [])],
    environment: {
      LD_LIBRARY_PATH: join(PLACE, 'al2023', 'lib'),
      ...(lacksFonts && { FONTCONFIG_PATH: FONTS }),
    },
  };
}
