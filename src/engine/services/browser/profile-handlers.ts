import { BrowserError } from '../../browser/browser.ts';
import { CdpError } from '../../browser/cdp.ts';
import { readState } from '../../browser/state.ts';
import type { Call, Handlers, InputOf, OutputOf, Scope } from '../../service.ts';
import { conflict } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import type { Browsers } from './browsers.ts';
import type { ProfileRow, Profiles } from './profiles.ts';
import type { Sessions } from './sessions.ts';

export interface ProfileParts {
  profiles: Profiles;
  browsers: Browsers;
  sessions: Sessions;
  idempotency: Idempotency;
}

/** The operations on browser profiles. */
export function profileHandlers({ profiles, browsers, sessions, idempotency }: ProfileParts): Handlers {
  return {
    async CreateBrowserProfile(input, call) {
      const row = await idempotency.once(call, 'CreateBrowserProfile', input, async () =>
        profiles.create(call, input),
      );
      const { profileId, profileArn, status, createdAt } = describe(call, row);
      return { profileId, profileArn, status, createdAt };
    },

    async GetBrowserProfile({ profileId = '' }, call) {
      return describe(call, profiles.get(call, profileId));
    },

    async ListBrowserProfiles(input, call) {
      const { items, nextToken } = profiles.list(call, input);
      return { profileSummaries: items.map((row) => describe(call, row)), nextToken };
    },

    async DeleteBrowserProfile(input, call) {
      const row = await idempotency.once(call, 'DeleteBrowserProfile', input, async () =>
        profiles.remove(call, input.profileId ?? ''),
      );
      const { profileId, profileArn, lastUpdatedAt, lastSavedAt } = describe(call, row);
      return { profileId, profileArn, status: 'DELETING', lastUpdatedAt, lastSavedAt };
    },

    async SaveBrowserSessionProfile(input, call) {
      const { profileIdentifier, ...from } = await idempotency.once(
        call,
        'SaveBrowserSessionProfile',
        input,
        () => save(call, input),
      );
      return { profileIdentifier, ...from, lastUpdatedAt: new Date(from.lastUpdatedAt) };
    },
  };

  async function save(call: Call, input: InputOf<'SaveBrowserSessionProfile'>) {
    const { profileIdentifier = '', sessionId = '' } = input;
    const browserIdentifier = browsers.resolve(call, input.browserIdentifier ?? '');
    const { browser, watch } = sessions.machine(call, browserIdentifier, sessionId);
    const from = { browser: browserIdentifier, sessionId };
    const { lastUpdatedAt } = await profiles.save(call, profileIdentifier, from, async () => {
      try {
        return await readState(browser, (await watch).origins);
      } catch (error) {
        if (!(error instanceof CdpError || error instanceof BrowserError)) throw error;
        throw conflict(`Session ${sessionId} cannot be saved: ${error.message}`);
      }
    });
    return { profileIdentifier, browserIdentifier, sessionId, lastUpdatedAt };
  }

  function describe(
    scope: Scope,
    { profileId, name, description, createdAt, lastUpdatedAt, saved }: ProfileRow,
  ): OutputOf<'GetBrowserProfile'> {
    return {
      ...{ profileId, profileArn: profiles.arn(scope, profileId), name, description },
      status: profiles.isSaving(scope, profileId) ? 'SAVING' : 'READY',
      createdAt: new Date(createdAt),
      lastUpdatedAt: new Date(lastUpdatedAt),
      ...(saved && {
        lastSavedAt: new Date(saved.at),
        lastSavedBrowserSessionId: saved.sessionId,
        lastSavedBrowserId: saved.browser,
      }),
    };
  }
}
