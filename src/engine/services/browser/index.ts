import { createEgress, loopbackHosts } from '../../egress/index.ts';
import type { Handlers, Service, SocketRequest } from '../../service.ts';
import { conflict, notFound } from '../exceptions.ts';
import type { ServiceParts } from '../index.ts';
import { type BrowserSessionRow, Sessions } from './sessions.ts';

/** The browser that every account has. */
export const systemBrowser = 'aws.browser.v1';

const DEFAULT_PAGE = 10;

export type BrowserDependencies = Pick<
  ServiceParts,
  'store' | 'browsers' | 'idempotency' | 'browser' | 'doors' | 'clock' | 'log'
>;

/** Browsers: a Chromium for each session, driven over the DevTools protocol or by a person. */
export function createBrowser(dependencies: BrowserDependencies): Service {
  const { idempotency, browser: settings, doors, log } = dependencies;
  const egress = () =>
    createEgress({
      allowHosts: settings.allowHosts,
      blockHosts: [...settings.blockHosts, ...loopbackHosts(doors.port())],
      travellers: 'pages',
      log,
    });
  const sessions = new Sessions({ ...dependencies, egress });

  const handlers: Handlers = {
    async StartBrowserSession(input, call) {
      const browser = resolve(input.browserIdentifier ?? '');
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
        }),
      );
      return { ...identity(row), createdAt: new Date(row.createdAt), streams: streamsOf(row) };
    },

    async GetBrowserSession({ browserIdentifier, sessionId }, call) {
      const row = sessions.get(call, resolve(browserIdentifier ?? ''), sessionId ?? '');
      const { viewPort, sessionTimeoutSeconds } = row;
      return { ...summary(row), viewPort, sessionTimeoutSeconds, streams: streamsOf(row) };
    },

    async ListBrowserSessions({ browserIdentifier, maxResults, nextToken, status }, call) {
      const browser = resolve(browserIdentifier ?? '');
      const page = sessions.list(call, browser, {
        maxResults: maxResults ?? DEFAULT_PAGE,
        nextToken,
        status,
      });
      return { items: page.items.map(summary), nextToken: page.nextToken };
    },

    async StopBrowserSession({ browserIdentifier, sessionId }, call) {
      const row = await sessions.stop(call, resolve(browserIdentifier ?? ''), sessionId ?? '');
      return { ...identity(row), lastUpdatedAt: new Date(row.lastUpdatedAt) };
    },

    async UpdateBrowserStream({ browserIdentifier, sessionId, streamUpdate }, call) {
      const browser = resolve(browserIdentifier ?? '');
      const status = streamUpdate?.automationStreamUpdate?.streamStatus;
      const row = sessions.setAutomation(
        call,
        browser,
        sessionId ?? '',
        status === 'DISABLED' ? 'DISABLED' : 'ENABLED',
      );
      return { ...identity(row), streams: streamsOf(row), updatedAt: new Date(row.lastUpdatedAt) };
    },
  };

  async function automate({ labels, call }: SocketRequest) {
    const browser = resolve(labels.browserId ?? '');
    const { automation, browser: running } = sessions.machine(call, browser, labels.sessionId ?? '');
    if (!automation.enabled)
      throw conflict(
        `A person has control of session ${labels.sessionId}: its automation stream is DISABLED. UpdateBrowserStream enables it again.`,
      );
    return { stream: await automation.open(), path: running.devtoolsPath, headers: {} };
  }

  function streamsOf({ browserIdentifier, sessionId, automation }: BrowserSessionRow) {
    const place = `127.0.0.1:${doors.port()}/browser-streams/${browserIdentifier}/sessions/${sessionId}`;
    return {
      automationStream: { streamEndpoint: `ws://${place}/automation`, streamStatus: automation },
      liveViewStream: { streamEndpoint: `http://${place}/live-view` },
    };
  }

  return {
    handlers: { agentcore: handlers },
    sockets: { '/browser-streams/{browserId}/sessions/{sessionId}/automation': automate },
    live: () => sessions.live,
    sweep: () => sessions.sweep(),
    close: (reason) => sessions.close(reason),
  };
}

function resolve(identifier: string): string {
  const id = identifier.slice(identifier.lastIndexOf('/') + 1);
  if (id === systemBrowser) return id;
  throw notFound(`There is no browser ${identifier}; every account has ${systemBrowser}.`);
}

function identity({ browserIdentifier, sessionId }: BrowserSessionRow) {
  return { browserIdentifier, sessionId };
}

function summary(row: BrowserSessionRow) {
  return {
    ...identity(row),
    name: row.name,
    status: row.status,
    createdAt: new Date(row.createdAt),
    lastUpdatedAt: new Date(row.lastUpdatedAt),
  };
}
