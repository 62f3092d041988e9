import type { BrowserAction } from '@aws-sdk/client-bedrock-agentcore';
import type { Call, Handlers, InputOf, Service, VisitRequest } from '../../service.ts';
import { conflict, notFound } from '../exceptions.ts';
import type { ServiceParts } from '../index.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import { summaryOf } from '../tool-sessions/rows.ts';
import { Browsers } from './browsers.ts';
import { controlHandlers } from './control.ts';
import { perform } from './invoke.ts';
import { liveView } from './live-view/index.ts';
import { profileHandlers } from './profile-handlers.ts';
import { Profiles } from './profiles.ts';
import { type BrowserSessionRow, type Given, Sessions } from './sessions.ts';
import { SessionSettings } from './settings.ts';

const DEFAULT_PAGE = 10;

export type BrowserDependencies = Pick<
  ServiceParts,
  | 'store'
  | 'browsers'
  | 'objects'
  | 'seal'
  | 'idempotency'
  | 'tags'
  | 'dataDir'
  | 'browser'
  | 'doors'
  | 'clock'
  | 'log'
> & { secrets: SecretStore };

/** Browsers: a Chromium for each session, driven over the DevTools protocol or by a person. */
export function createBrowser(dependencies: BrowserDependencies): Service {
  const { store, objects, secrets, idempotency, tags, browser: settings, clock, log } = dependencies;
  const sessions = new Sessions(dependencies);
  const activeSessions = sessions.active.bind(sessions);
  const browsers = new Browsers({ store, tags, clock, activeSessions });
  const profiles = new Profiles(dependencies);
  const sessionSettings = new SessionSettings({ ...dependencies, browsers, profiles, settings });
  const control = controlHandlers({ browsers, objects, secrets, idempotency, clock });
  const profile = profileHandlers({ profiles, browsers, sessions, idempotency });

  const handlers: Handlers = {
    async StartBrowserSession(input, call) {
      const browser = browsers.resolve(call, input.browserIdentifier ?? '');
      const viewPort = input.viewPort && {
        width: input.viewPort.width ?? 0,
        height: input.viewPort.height ?? 0,
      };
      const row = await idempotency.once(call, 'StartBrowserSession', input, () =>
        sessions.start(call, {
          browser,
          name: input.name,
          timeoutSeconds: input.sessionTimeoutSeconds,
          viewPort,
          given: givenTo(input),
          prepare: () => sessionSettings.prepare(call, browser, input),
        }),
      );
      return { ...identity(row), createdAt: new Date(row.createdAt), streams: streamsOf(row, call) };
    },

    async GetBrowserSession({ browserIdentifier, sessionId }, call) {
      const row = sessions.get(call, browsers.resolve(call, browserIdentifier ?? ''), sessionId ?? '');
      const { viewPort, sessionTimeoutSeconds, given } = row;
      return { ...summary(row), ...given, viewPort, sessionTimeoutSeconds, streams: streamsOf(row, call) };
    },

    async ListBrowserSessions({ browserIdentifier, maxResults, nextToken, status }, call) {
      const browser = browsers.resolve(call, browserIdentifier ?? '');
      const page = sessions.list(call, browser, {
        maxResults: maxResults ?? DEFAULT_PAGE,
        nextToken,
        status,
      });
      return { items: page.items.map(summary), nextToken: page.nextToken };
    },

    async StopBrowserSession({ browserIdentifier, sessionId }, call) {
      const row = await sessions.stop(call, browsers.resolve(call, browserIdentifier ?? ''), sessionId ?? '');
      return { ...identity(row), lastUpdatedAt: new Date(row.lastUpdatedAt) };
    },

    async UpdateBrowserStream({ browserIdentifier, sessionId, streamUpdate }, call) {
      const browser = browsers.resolve(call, browserIdentifier ?? '');
      const status = streamUpdate?.automationStreamUpdate?.streamStatus;
      const row = sessions.setAutomation(
        call,
        browser,
        sessionId ?? '',
        status === 'DISABLED' ? 'DISABLED' : 'ENABLED',
      );
      return { ...identity(row), streams: streamsOf(row, call), updatedAt: new Date(row.lastUpdatedAt) };
    },

    InvokeBrowser: invoke,
  };

  async function invoke({ browserIdentifier, sessionId = '', action }: InputOf<'InvokeBrowser'>, call: Call) {
    const browser = browsers.resolve(call, browserIdentifier ?? '');
    const { status, ending, viewPort } = sessions.get(call, browser, sessionId);
    // The operation knows no ConflictException.
    if (status !== 'READY') throw notFound(`Session ${sessionId} is ${status}: ${ending}. Start a new one.`);
    const { watch } = sessions.machine(call, browser, sessionId);
    return { sessionId, result: await perform(action ?? ({} as BrowserAction), watch, viewPort) };
  }

  async function automate({ labels, call }: VisitRequest) {
    const browser = browsers.resolve(call, labels.browserId ?? '');
    const { automation, browser: running } = sessions.machine(call, browser, labels.sessionId ?? '');
    if (!automation.enabled)
      throw conflict(
        `A person has control of session ${labels.sessionId}: its automation stream is DISABLED. UpdateBrowserStream enables it again.`,
      );
    return {
      stream: await automation.open(),
      path: running.devtoolsPath,
      headers: {},
      refusal: (reason: string) => conflict(`The browser did not open its automation stream: ${reason}.`),
    };
  }

  const viewed = liveView(({ labels, call }) => {
    const [browser, sessionId] = [browsers.resolve(call, labels.browserId ?? ''), labels.sessionId ?? ''];
    return {
      machine: sessions.machine(call, browser, sessionId),
      setAutomation: (status) => void sessions.setAutomation(call, browser, sessionId, status),
      ending: () => sessions.get(call, browser, sessionId).ending ?? 'it has ended',
    };
  }, log);

  return {
    handlers: { agentcore: { ...control, ...profile, ...handlers } },
    sockets: { '/browser-streams/{browserId}/sessions/{sessionId}/automation': automate, ...viewed.sockets },
    pages: viewed.pages,
    live: () => sessions.live,
    sweep: () => sessions.sweep(),
    close: (reason) => sessions.close(reason),
  };
}

/** Where the caller reaches the streams: the same way that it has come. */
function streamsOf({ browserIdentifier, sessionId, automation }: BrowserSessionRow, { origin }: Call) {
  const place = `${origin}/browser-streams/${browserIdentifier}/sessions/${sessionId}`;
  return {
    automationStream: {
      streamEndpoint: `${place.replace(/^http/, 'ws')}/automation`,
      streamStatus: automation,
    },
    liveViewStream: { streamEndpoint: `${place}/live-view` },
  };
}

function givenTo(input: InputOf<'StartBrowserSession'>): Given {
  const { extensions, profileConfiguration, proxyConfiguration, enterprisePolicies, certificates } = input;
  return { extensions, profileConfiguration, proxyConfiguration, enterprisePolicies, certificates };
}

function identity({ browserIdentifier, sessionId }: BrowserSessionRow) {
  return { browserIdentifier, sessionId };
}

function summary(row: BrowserSessionRow) {
  return {
    ...identity(row),
    ...summaryOf(row),
  };
}
