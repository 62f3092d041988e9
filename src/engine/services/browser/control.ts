import type { Clock } from '../../clock.ts';
import type { Call, Handlers, InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import type { ObjectSource } from '../objects/objects.ts';
import type { BrowserRow, Browsers } from './browsers.ts';
import { readPolicies } from './policies.ts';
import { refuseCertificates, refuseFileSystems } from './refusals.ts';

export interface ControlParts {
  browsers: Browsers;
  objects: ObjectSource;
  idempotency: Idempotency;
  clock: Clock;
}

/** The control plane of browsers. */
export function controlHandlers({ browsers, objects, idempotency, clock }: ControlParts): Handlers {
  async function create(call: Call, input: InputOf<'CreateBrowser'>): Promise<BrowserRow> {
    const { name = '', description, executionRoleArn, networkConfiguration } = input;
    const { recording, browserSigning, enterprisePolicies, certificates } = input;
    refuseFileSystems(input);
    refuseCertificates(input);
    checkRecording(recording);
    const policies = await readPolicies(objects, call, enterprisePolicies, 'MANAGED');
    const row = browsers.create(call, input, (browserId, createdAt) => ({
      ...{ browserId, name, description, executionRoleArn, networkConfiguration, createdAt },
      ...{ recording, browserSigning, enterprisePolicies, certificates },
    }));
    browsers.keepPolicies(call, row.browserId, policies);
    return row;
  }

  return {
    async CreateBrowser(input, call) {
      const { browserId, createdAt } = await idempotency.once(call, 'CreateBrowser', input, () =>
        create(call, input),
      );
      return {
        browserId,
        browserArn: browsers.arn(call, browserId),
        createdAt: new Date(createdAt),
        status: 'READY',
      };
    },

    async GetBrowser({ browserId = '' }, call) {
      return browsers.describe(call, browsers.get(call, browserId));
    },

    async ListBrowsers(input, call) {
      const { items, nextToken } = browsers.list(call, input);
      const browserSummaries = items.map((row) => {
        const { browserId, browserArn, name, description, status, createdAt, lastUpdatedAt } =
          browsers.describe(call, row);
        return { browserId, browserArn, name, description, status, createdAt, lastUpdatedAt };
      });
      return { browserSummaries, nextToken };
    },

    async DeleteBrowser(input, call) {
      const { id, at } = await idempotency.once(call, 'DeleteBrowser', input, async () => {
        browsers.remove(call, input.browserId ?? '');
        return { id: input.browserId ?? '', at: clock.now() };
      });
      return { browserId: id, status: 'DELETING', lastUpdatedAt: new Date(at) };
    },
  };
}

function checkRecording(recording: InputOf<'CreateBrowser'>['recording']): void {
  if (!recording?.enabled || recording.s3Location) return;
  throw invalid('recording.s3Location', 'A recording needs a bucket and a prefix to be kept at.');
}
