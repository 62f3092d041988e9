import type { Clock } from '../clock.ts';
import type { Scope } from '../service.ts';
import type { Documents, Page, Store } from '../store/store.ts';
import { conflict, invalid, notFound, quotaExceeded } from './exceptions.ts';
import { arnPrefix, newId } from './names.ts';
import { type Paging, page } from './paging.ts';
import { checkRole } from './roles.ts';
import { checkTags, type Tags } from './tags.ts';

/** Above what anybody has; AWS publishes no figure. */
const MAX_RESOURCES = 1_000;

/** What every tool resource has, be it the system's or made by a user. */
export interface ToolRow {
  name: string;
  description?: string | undefined;
  executionRoleArn?: string | undefined;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** What the resources of a tool are called, and where they are noted. */
export interface ToolNames<Row extends ToolRow> {
  /** The collection of their rows, e.g. `browser`. */
  collection: string;
  /** E.g. `browser`. */
  title: string;
  /** The operation that names the ones there are. */
  listing: string;
  /** The member that names one in the input of its deletion, e.g. `browserId`. */
  member: string;
  /** What stands before `/` in the ARN of the system's, e.g. `browser`; that of others has `-custom` behind it. */
  arnType: string;
  /** The one that every account has. */
  system: Row;
  idOf(row: Row): string;
}

export interface ToolDependencies {
  store: Store;
  tags: Tags;
  clock: Clock;
  /** The sessions of a resource that run or are about to. */
  activeSessions(scope: Scope, id: string): readonly string[];
}

/**
 * The resources of a built-in tool: the one that each account has, and those that users have made. They need no preparation, so each
 * is READY at once.
 */
export class ToolResources<Row extends ToolRow> {
  readonly #names: ToolNames<Row>;
  readonly #systemId: string;
  readonly #rows: Documents<Row>;
  readonly #tags: Tags;
  readonly #clock: Clock;
  readonly #activeSessions: ToolDependencies['activeSessions'];

  constructor(names: ToolNames<Row>, { store, tags, clock, activeSessions }: ToolDependencies) {
    this.#names = names;
    this.#systemId = names.idOf(names.system);
    this.#rows = store.documents(names.collection);
    this.#tags = tags;
    this.#clock = clock;
    this.#activeSessions = activeSessions;
    tags.admit((scope, arn) => {
      const id = arn.slice(arn.lastIndexOf('/') + 1);
      return id !== this.#systemId && arn === this.arn(scope, id) && this.#find(scope, id) !== undefined;
    });
  }

  /** The id behind an id or ARN. @throws ResourceNotFoundException for one that does not exist. */
  resolve(scope: Scope, identifier: string): string {
    return this.#names.idOf(this.get(scope, identifier));
  }

  /** By id or ARN. @throws ResourceNotFoundException */
  get(scope: Scope, identifier: string): Row {
    const row = this.#find(scope, identifier.slice(identifier.lastIndexOf('/') + 1));
    if (row) return row;
    const { title, listing } = this.#names;
    throw notFound(
      `There is no ${title} ${identifier} in account ${scope.account} and region ${scope.region}. ${listing} names the ones there are; every account has ${this.#systemId}.`,
    );
  }

  arn(scope: Scope, id: string): string {
    const { arnType } = this.#names;
    if (id !== this.#systemId) return `${arnPrefix(scope)}${arnType}-custom/${id}`;
    return `${arnPrefix({ ...scope, account: 'aws' })}${arnType}/${id}`;
  }

  /** The system's first, then the others, newest first. @throws ValidationException for a foreign token. */
  list(scope: Scope, { type, maxResults, nextToken }: Paging & { type?: string | undefined }): Page<Row> {
    const system = nextToken === undefined && type !== 'CUSTOM' ? [this.#names.system] : [];
    if (type === 'SYSTEM') {
      // One page holds it, so that any token is refused.
      page(this.#rows, scope, { maxResults: 0, nextToken });
      return { items: system };
    }
    const room = maxResults === undefined ? undefined : maxResults - system.length;
    const custom = page(this.#rows, scope, { maxResults: room, nextToken });
    return { items: [...system, ...custom.items], nextToken: custom.nextToken };
  }

  /**
   * Makes one with an id of its own.
   * @throws ConflictException for a name that is taken; ServiceQuotaExceededException; ValidationException for a role of another
   * account, a VPC without its settings, or tags of AWS.
   */
  create(scope: Scope, { tags, ...input }: ToolInput, describe: (id: string, createdAt: number) => Row): Row {
    const { name = '', executionRoleArn, networkConfiguration } = input;
    if (executionRoleArn !== undefined) checkRole(scope, 'executionRoleArn', executionRoleArn);
    if (networkConfiguration?.networkMode === 'VPC' && !networkConfiguration.vpcConfig)
      throw invalid(
        'networkConfiguration.vpcConfig',
        'The network mode VPC needs subnets and security groups.',
      );
    checkTags(tags);
    this.#refuseTaken(scope, name);
    const row = describe(newId(name), this.#clock.now());
    const id = this.#names.idOf(row);
    this.#rows.put(scope, id, row);
    this.#tags.add(scope, this.arn(scope, id), tags);
    return row;
  }

  /** @throws ResourceNotFoundException; ValidationException for the system's; ConflictException while sessions of it run. */
  remove(scope: Scope, id: string): void {
    const { title, member } = this.#names;
    if (id === this.#systemId) throw invalid(member, `${id} is every account's; it cannot be deleted.`);
    this.resolve(scope, id);
    const active = this.#activeSessions(scope, id);
    if (active.length > 0)
      throw conflict(
        `The ${title} ${id} has active sessions: ${active.join(', ')}. Stop them first, then delete it again.`,
      );
    this.#rows.delete(scope, id);
    this.#tags.forget(scope, this.arn(scope, id));
  }

  #find(scope: Scope, id: string): Row | undefined {
    return id === this.#systemId ? this.#names.system : this.#rows.get(scope, id);
  }

  #refuseTaken(scope: Scope, name: string): void {
    const { title, idOf } = this.#names;
    const all = this.#rows.list(scope, { maxResults: MAX_RESOURCES }).items;
    const taken = all.find((row) => row.name === name);
    if (taken)
      throw conflict(
        `There is a ${title} named ${name} already: ${idOf(taken)}. Use that one, delete it, or choose another name.`,
      );
    if (all.length >= MAX_RESOURCES)
      throw quotaExceeded(
        `There are ${MAX_RESOURCES} ${title}s, as many as an account may have. Delete some.`,
      );
  }
}

/** What the creation of every tool resource is given. */
interface ToolInput {
  name?: string | undefined;
  executionRoleArn?: string | undefined;
  networkConfiguration?: { networkMode?: string | undefined; vpcConfig?: object | undefined } | undefined;
  tags?: Record<string, string> | undefined;
}
