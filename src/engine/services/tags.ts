import type { Handlers, Scope, Service } from '../service.ts';
import type { Documents, Store } from '../store/store.ts';
import { invalid, notFound, quotaExceeded } from './exceptions.ts';

const MAX_TAGS = 50;

type TagMap = Record<string, string>;

/** Says whether it is the owner of something with this ARN that exists. */
export type ResourceCheck = (scope: Scope, arn: string) => boolean;

/** The tags of whatever has an ARN. */
export class Tags {
  readonly #rows: Documents<TagMap>;
  readonly #owners: ResourceCheck[] = [];

  constructor(store: Store) {
    this.#rows = store.documents('tags');
  }

  /** Lets what a service has be tagged. */
  admit(owns: ResourceCheck): void {
    this.#owners.push(owns);
  }

  /** The ARN itself. @throws ResourceNotFoundException where no service has such a thing. */
  known(scope: Scope, arn = ''): string {
    if (this.#owners.some((owns) => owns(scope, arn))) return arn;
    throw notFound(`There is no resource ${arn} in account ${scope.account} and region ${scope.region}.`);
  }

  of(scope: Scope, arn: string): TagMap {
    return this.#rows.get(scope, arn) ?? {};
  }

  /** @throws ServiceQuotaExceededException above 50; ValidationException for a key that is AWS's own. */
  add(scope: Scope, arn: string, tags: TagMap = {}): void {
    checkTags(tags);
    const all = { ...this.of(scope, arn), ...tags };
    if (Object.keys(all).length > MAX_TAGS) {
      throw quotaExceeded(
        `${arn} would have ${Object.keys(all).length} tags; at most ${MAX_TAGS} are allowed.`,
      );
    }
    if (Object.keys(tags).length > 0) this.#rows.put(scope, arn, all);
  }

  remove(scope: Scope, arn: string, keys: readonly string[]): void {
    const left = Object.entries(this.of(scope, arn)).filter(([key]) => !keys.includes(key));
    this.#rows.put(scope, arn, Object.fromEntries(left));
  }

  /** To be called when the thing itself goes. */
  forget(scope: Scope, arn: string): void {
    this.#rows.delete(scope, arn);
  }
}

/** @throws ValidationException for a key that is AWS's own. */
export function checkTags(tags: TagMap = {}): void {
  const reserved = Object.keys(tags).find((key) => /^aws:/i.test(key));
  if (reserved !== undefined)
    throw invalid('tags', `The tag ${reserved} begins with aws:, which AWS keeps for itself.`);
}

/** The operations on tags, for everything that a service has admitted. */
export function createTagging(tags: Tags): Service {
  const handlers: Handlers = {
    async TagResource({ resourceArn, tags: given }, call) {
      tags.add(call, tags.known(call, resourceArn), given);
      return {};
    },
    async UntagResource({ resourceArn, tagKeys }, call) {
      tags.remove(call, tags.known(call, resourceArn), tagKeys ?? []);
      return {};
    },
    async ListTagsForResource({ resourceArn }, call) {
      return { tags: tags.of(call, tags.known(call, resourceArn)) };
    },
  };
  return { handlers: { agentcore: handlers }, live: () => 0, close: async () => {} };
}
