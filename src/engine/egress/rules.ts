import { type AllowList, type BlockedHosts, parseAllowHosts, parseBlockHosts } from './allow-hosts.ts';

/** Who goes out, and how they are told that they may not. */
const WORDS = {
  sandboxes: {
    who: 'Sandboxes',
    flag: '--agent-allow-hosts',
    blocked: 'blocked',
  },
  pages: {
    who: 'Pages',
    flag: '--browser-allow-hosts',
    blocked: 'blocked by --browser-block-hosts, or the local engine itself',
  },
};

/** What is open besides public addresses, and what is closed. */
export interface RuleOptions {
  /** See {@link parseAllowHosts}. */
  allowHosts: readonly string[];
  /** Closed whatever is open; see {@link parseBlockHosts}. */
  blockHosts?: readonly string[];
  /** Default `sandboxes`. */
  travellers?: keyof typeof WORDS;
}

export interface Rules {
  allowed: AllowList;
  blocked: BlockedHosts;
  words: (typeof WORDS)[keyof typeof WORDS];
}

/** @throws Error when an entry is wrong. */
export function readRules({ allowHosts, blockHosts = [], travellers = 'sandboxes' }: RuleOptions): Rules {
  return {
    allowed: parseAllowHosts(allowHosts),
    blocked: parseBlockHosts(blockHosts),
    words: WORDS[travellers],
  };
}

/** The entries that mean a port of this machine's loopback, however it is written. */
export function loopbackHosts(port: number): string[] {
  return ['127.0.0.0/8', '0.0.0.0/8', '[::1]', '[::]'].map((host) => `${host}:${port}`);
}
