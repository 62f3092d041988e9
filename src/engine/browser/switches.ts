import { egressPortInside } from '../egress/inside.ts';
import type { BrowserSpec } from './browser.ts';
import { extensionSwitches } from './extensions.ts';
import { devtoolsPort, profileFolder } from './places.ts';

/** What asks for the time over the network; and pages of Chromium's own that nobody sees, which take half of its start. */
const DISABLED_FEATURES = ['NetworkTimeServiceQuerying', 'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup'].join();
const CACHE_BYTES = 64 * 1024 ** 2;

/** The command line of a browser in a sandbox, which is what keeps it in: Chromium's own cannot be nested in it. */
export function switches({
  viewPort,
  extensions = [],
}: Pick<BrowserSpec, 'viewPort' | 'extensions'>): string[] {
  return [
    '--headless=new',
    '--no-sandbox',
    `--remote-debugging-port=${devtoolsPort}`,
    `--user-data-dir=${profileFolder}`,
    `--disk-cache-size=${CACHE_BYTES}`,
    `--window-size=${viewPort.width},${viewPort.height}`,
    // Everything goes through the engine's proxy, which resolves names and checks addresses; also what is meant for loopback.
    `--proxy-server=http://127.0.0.1:${egressPortInside}`,
    '--proxy-bypass-list=<-loopback>',
    '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--disable-quic',
    '--disable-gpu',
    '--mute-audio',
    '--no-first-run',
    '--no-default-browser-check',
    '--password-store=basic',
    // No connections but those that pages make. What asks for components on its own is led nowhere.
    '--component-updater=url-source=about:blank',
    '--disable-background-networking',
    '--disable-breakpad',
    '--disable-component-update',
    '--disable-default-apps',
    '--disable-domain-reliability',
    `--disable-features=${DISABLED_FEATURES}`,
    '--disable-sync',
    '--metrics-recording-only',
    '--no-pings',
    ...extensionSwitches(extensions),
    // DevTools answer long before a window is there, so that its first one is asked of them.
    '--no-startup-window',
  ];
}
