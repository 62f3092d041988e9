import { egressPortInside } from '../egress/inside.ts';
import type { BrowserSpec } from './browser.ts';
import { extensionInside } from './mounts.ts';

/** The port of 127.0.0.1 inside the sandbox at which DevTools answers. */
export const devtoolsPort = 9222;
/** The profile, inside the sandbox. */
const PROFILE = '/workspace/profile';

/** The command line of a browser in a sandbox, which is what keeps it in: Chromium's own cannot be nested in it. */
export function switches({ viewPort: { width, height }, extensions = [] }: BrowserSpec): string[] {
  return [
    '--headless=new',
    '--no-sandbox',
    `--remote-debugging-port=${devtoolsPort}`,
    `--user-data-dir=${PROFILE}`,
    `--window-size=${width},${height}`,
    // Everything goes through the engine's proxy, which resolves names and checks addresses; also what is meant for loopback.
    `--proxy-server=http://127.0.0.1:${egressPortInside}`,
    '--proxy-bypass-list=<-loopback>',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    // The sandbox gives little shared memory, and more of /tmp.
    '--disable-dev-shm-usage',
    '--disable-gpu',
    '--mute-audio',
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    // No connections but those that pages make.
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-domain-reliability',
    '--disable-sync',
    '--metrics-recording-only',
    '--no-pings',
    ...(extensions.length > 0
      ? [`--load-extension=${extensions.map((_, index) => extensionInside(index)).join(',')}`]
      : []),
    'about:blank',
  ];
}
