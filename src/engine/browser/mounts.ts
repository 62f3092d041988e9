import type { Mount } from '../sandbox/mounts.ts';
import type { BrowserSpec } from './browser.ts';

/** Rules for a browser: each the text of a file of policies, one JSON object by their names. Of two that differ the later counts. */
export interface Policies {
  /** Hold whatever the user of the browser wants. */
  managed: readonly string[];
  /** Hold until the user of the browser wants something else. */
  recommended: readonly string[];
}

/** Where Chromium looks for policies; Chrome and Edge look elsewhere, which is led there. */
const POLICIES = '/etc/chromium/policies';
const POLICIES_ELSEWHERE = ['/etc/opt/chrome/policies', '/etc/opt/edge/policies'];

/** What a browser finds in its sandbox besides what every sandbox has. */
export function mountsFor({ policies, extensions = [] }: BrowserSpec): Mount[] {
  const bound = extensions.map(
    (source, index): Mount => ({ kind: 'bind', source, target: extensionInside(index) }),
  );
  return [...bound, ...(policies ? policyMounts(policies) : [])];
}

/** Where the extension of this number is found. */
export const extensionInside = (index: number) => `/opt/extensions/${index}`;

function policyMounts({ managed, recommended }: Policies): Mount[] {
  const files = (kind: string, texts: readonly string[]) =>
    texts.map(
      (content, index): Mount => ({
        kind: 'file',
        content,
        target: `${POLICIES}/${kind}/${100 + index}.json`,
      }),
    );
  return [
    ...files('managed', managed),
    ...files('recommended', recommended),
    ...POLICIES_ELSEWHERE.map((target): Mount => ({ kind: 'link', to: POLICIES, target })),
  ];
}
