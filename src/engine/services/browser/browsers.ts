import type { InputOf, OutputOf, Scope } from '../../service.ts';
import { type ToolDependencies, ToolResources, type ToolRow } from '../tool-resources.ts';

/** The browser that every account has. */
const system: BrowserRow = {
  browserId: 'aws.browser.v1',
  name: 'Amazon Bedrock AgentCore Browser',
  description: 'AWS built-in browser for secure web browsing',
  networkConfiguration: { networkMode: 'PUBLIC' },
  createdAt: Date.parse('2025-07-16T00:00:00Z'),
};

/** A browser as it was given. */
export interface BrowserRow
  extends ToolRow,
    Pick<
      InputOf<'CreateBrowser'>,
      'networkConfiguration' | 'recording' | 'browserSigning' | 'enterprisePolicies' | 'certificates'
    > {
  browserId: string;
}

/** The browsers of accounts. */
export class Browsers extends ToolResources<BrowserRow> {
  constructor(dependencies: ToolDependencies) {
    super(
      {
        collection: 'browser',
        title: 'browser',
        listing: 'ListBrowsers',
        member: 'browserId',
        arnType: 'browser',
        system,
        idOf: (row) => row.browserId,
      },
      dependencies,
    );
  }

  /** As GetBrowser does. */
  describe(
    scope: Scope,
    { browserId, createdAt, browserSigning, ...given }: BrowserRow,
  ): OutputOf<'GetBrowser'> {
    return {
      ...given,
      browserId,
      browserArn: this.arn(scope, browserId),
      browserSigning: browserSigning && { enabled: browserSigning.enabled },
      status: 'READY',
      createdAt: new Date(createdAt),
      lastUpdatedAt: new Date(createdAt),
    };
  }
}
