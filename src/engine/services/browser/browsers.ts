import type { InputOf, OutputOf, Scope } from '../../service.ts';
import type { Documents } from '../../store/store.ts';
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
  /** The texts of their files, as they were when the browser was made. */
  readonly #policies: Documents<readonly string[]>;

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
    this.#policies = dependencies.store.documents('browser-policies');
  }

  /** The policies that hold in every session of a browser. */
  policiesOf(scope: Scope, id: string): readonly string[] {
    return this.#policies.get(scope, id) ?? [];
  }

  keepPolicies(scope: Scope, id: string, policies: readonly string[]): void {
    if (policies.length > 0) this.#policies.put(scope, id, policies);
  }

  override remove(scope: Scope, id: string): void {
    super.remove(scope, id);
    this.#policies.delete(scope, id);
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
