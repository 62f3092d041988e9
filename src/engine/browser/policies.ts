import type { Mount } from '../sandbox/mounts.ts';
import { downloadsFolder } from './places.ts';

/** Rules for a browser: each the text of a file of policies, one JSON object by their names. Of two that differ the later counts. */
export interface Policies {
  /** Hold whatever the user of the browser wants. */
  managed: readonly string[];
  /** Hold until the user of the browser wants something else. */
  recommended: readonly string[];
}

/** Where Chromium looks for the policies of its administrator. */
const policyFolder = '/etc/chromium/policies';
/** Where browsers made of it look for theirs. */
const OTHER_FOLDERS = ['chrome', 'chrome_for_testing', 'edge'].map((name) => `/etc/opt/${name}/policies`);

const POLICIES = {
  // Settings, files and the inside of Chromium are for nobody who drives it.
  URLBlocklist: ['file://*', 'chrome://*', 'chrome-untrusted://*', 'devtools://*', 'edge://*'],
  // But for what Chromium's own window is made of.
  URLAllowlist: ['chrome://top-chrome'],
  DownloadDirectory: downloadsFolder,
  PromptForDownloadLocation: false,
  // Nothing that covers the page or takes of its size.
  CommandLineFlagSecurityWarningsEnabled: false,
  DefaultBrowserSettingEnabled: false,
  PasswordManagerEnabled: false,
  TranslateEnabled: false,
  // No connections but those that pages make.
  AlternateErrorPagesEnabled: false,
  BackgroundModeEnabled: false,
  BrowserSignin: 0,
  MetricsReportingEnabled: false,
  NetworkPredictionOptions: 2,
  SafeBrowsingProtectionLevel: 0,
  SearchSuggestEnabled: false,
  SyncDisabled: true,
  // Names are resolved by the engine, and nothing goes past its proxy.
  BuiltInDnsClientEnabled: false,
  DnsOverHttpsMode: 'off',
  QuicAllowed: false,
  WebRtcIPHandling: 'disable_non_proxied_udp',
};

/** The policies of a browser: those that were asked for, and those that every browser here has, which come last. */
export function policyMounts({ managed, recommended }: Policies = { managed: [], recommended: [] }): Mount[] {
  return [
    ...given('managed', managed),
    ...given('recommended', recommended),
    {
      kind: 'file',
      target: `${policyFolder}/managed/agentcore-mcp.json`,
      content: JSON.stringify({
        ...POLICIES,
        URLBlocklist: [...POLICIES.URLBlocklist, ...[...managed, ...recommended].flatMap(blocklistOf)],
      }),
    },
    ...OTHER_FOLDERS.map((target): Mount => ({ kind: 'link', to: policyFolder, target })),
  ];
}

function given(kind: string, texts: readonly string[]): Mount[] {
  return texts.map((content, index) => ({
    kind: 'file',
    content,
    target: `${policyFolder}/${kind}/${100 + index}.json`,
  }));
}

/** Lists of several files are not joined by Chromium: the last one counts. */
function blocklistOf(policies: string): readonly unknown[] {
  const { URLBlocklist: list } = JSON.parse(policies);
  return Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : [];
}
