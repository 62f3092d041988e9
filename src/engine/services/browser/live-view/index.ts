import type { Log } from '../../../log.ts';
import type { Service, VisitRequest } from '../../../service.ts';
import type { BrowserMachine, BrowserSessionRow } from '../sessions.ts';
import { LiveView } from './live-view.ts';
import { liveViewPage } from './page.ts';

/** A session that is looked at. */
export interface Viewed {
  machine: BrowserMachine;
  setAutomation(status: BrowserSessionRow['automation']): void;
  /** Why it has ended, once it has. */
  ending(): string;
}

const place = '/browser-streams/{browserId}/sessions/{sessionId}/live-view';

/**
 * The page that shows a session to a person who has its presigned link, and the WebSocket of that page.
 * @param find The READY session that a request is for. @throws modelled exceptions where there is none.
 */
export function liveView(
  find: (request: VisitRequest) => Viewed,
  log: Log,
): Required<Pick<Service, 'pages' | 'sockets'>> {
  const views = new WeakMap<BrowserMachine, LiveView>();
  const viewOf = ({ machine, setAutomation, ending }: Viewed) => {
    const known = views.get(machine);
    if (known) return known;
    const { browser, automation } = machine;
    const ended = machine.ended.then(ending);
    const view = new LiveView({ browser, automation, setAutomation, ended, log });
    views.set(machine, view);
    return view;
  };

  return {
    pages: {
      async [place](request) {
        find(request);
        return liveViewPage(request.ticket());
      },
    },
    sockets: {
      async [place](request) {
        const view = viewOf(find(request));
        return { hold: (channel) => void view.join(channel, request.ticket) };
      },
    },
  };
}
