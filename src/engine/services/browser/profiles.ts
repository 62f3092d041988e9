import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { BrowserState } from '../../browser/state.ts';
import type { Clock } from '../../clock.ts';
import type { Scope } from '../../service.ts';
import type { Seal } from '../../store/seal.ts';
import type { Documents, Page, Store } from '../../store/store.ts';
import { conflict, notFound, quotaExceeded } from '../exceptions.ts';
import { arnPrefix, newId } from '../names.ts';
import { type Paging, page } from '../paging.ts';
import { checkTags, type Tags } from '../tags.ts';

const MB = 1024 ** 2;
/** AWS's limits: profiles of an account, and what one holds. */
const MAX_PROFILES = 100;
const MAX_STATE_BYTES = 50 * MB;

const compress = promisify(gzip);
const expand = promisify(gunzip);

export interface ProfileRow {
  profileId: string;
  name: string;
  description?: string | undefined;
  /** Milliseconds since the epoch, as all times here. */
  createdAt: number;
  lastUpdatedAt: number;
  /** When it was saved last, and from where. */
  saved?: { at: number; browser: string; sessionId: string };
}

/** The profiles of accounts, each with what was saved in it last. That holds logins, and is encrypted. */
export class Profiles {
  readonly #rows: Documents<ProfileRow>;
  /** In base64. */
  readonly #states: Documents<string>;
  readonly #store: Store;
  readonly #seal: Seal;
  readonly #tags: Tags;
  readonly #clock: Clock;
  readonly #saving = new Set<string>();

  constructor({ store, seal, tags, clock }: { store: Store; seal: Seal; tags: Tags; clock: Clock }) {
    this.#rows = store.documents('browser-profile');
    this.#states = store.documents('browser-profile-state');
    this.#store = store;
    this.#seal = seal;
    this.#tags = tags;
    this.#clock = clock;
    tags.admit((scope, arn) => {
      const id = arn.slice(arn.lastIndexOf('/') + 1);
      return arn === this.arn(scope, id) && this.#rows.get(scope, id) !== undefined;
    });
  }

  arn(scope: Scope, id: string): string {
    return `${arnPrefix(scope)}browser-profile/${id}`;
  }

  /** @throws ConflictException for a name that is taken; ServiceQuotaExceededException for the 101st. */
  create(
    scope: Scope,
    {
      name = '',
      description,
      tags,
    }: Partial<Pick<ProfileRow, 'name' | 'description'>> & { tags?: Record<string, string> | undefined },
  ): ProfileRow {
    checkTags(tags);
    const all = this.#rows.list(scope, { maxResults: MAX_PROFILES }).items;
    const taken = all.find((row) => row.name === name);
    if (taken)
      throw conflict(
        `There is a browser profile named ${name} already: ${taken.profileId}. Use that one, delete it, or choose another name.`,
      );
    if (all.length >= MAX_PROFILES)
      throw quotaExceeded(
        `There are ${MAX_PROFILES} browser profiles, as many as an account may have. Delete some.`,
      );
    const now = this.#clock.now();
    const row = { profileId: newId(name), name, description, createdAt: now, lastUpdatedAt: now };
    this.#rows.put(scope, row.profileId, row);
    this.#tags.add(scope, this.arn(scope, row.profileId), tags);
    return row;
  }

  /** @throws ResourceNotFoundException */
  get(scope: Scope, id: string): ProfileRow {
    const row = this.#rows.get(scope, id);
    if (row) return row;
    throw notFound(
      `There is no browser profile ${id} in account ${scope.account} and region ${scope.region}. ListBrowserProfiles names the ones there are.`,
    );
  }

  /** Newest first. @throws ValidationException for a token that this listing did not make. */
  list(scope: Scope, { name, ...paging }: Paging & { name?: string | undefined }): Page<ProfileRow> {
    return page(this.#rows, scope, paging, (row) => name === undefined || row.name === name);
  }

  isSaving(scope: Scope, id: string): boolean {
    return this.#saving.has(this.arn(scope, id));
  }

  /** What was saved last; undefined where nothing was yet. @throws ResourceNotFoundException */
  async state(scope: Scope, id: string): Promise<BrowserState | undefined> {
    this.get(scope, id);
    const sealed = this.#states.get(scope, id);
    if (sealed === undefined) return undefined;
    const opened = this.#seal.open(this.arn(scope, id), Buffer.from(sealed, 'base64'));
    return JSON.parse(String(await expand(opened)));
  }

  /**
   * Saves what `read` gives, in place of what was saved before.
   * @throws ResourceNotFoundException; ConflictException while it is being saved, and for more than 50 MB.
   */
  async save(
    scope: Scope,
    id: string,
    from: { browser: string; sessionId: string },
    read: () => Promise<BrowserState>,
  ): Promise<ProfileRow> {
    this.get(scope, id);
    this.#refuseSaving(scope, id);
    const arn = this.arn(scope, id);
    this.#saving.add(arn);
    try {
      const json = Buffer.from(JSON.stringify(await read()));
      if (json.length > MAX_STATE_BYTES)
        throw conflict(
          `Cookies and storage of session ${from.sessionId} have ${(json.length / MB).toFixed(1)} MB; a profile holds ${MAX_STATE_BYTES / MB} MB. Clear what sites do not need, and save again.`,
        );
      const state = this.#seal.close(arn, await compress(json)).toString('base64');
      return this.#put(scope, id, from, state);
    } finally {
      this.#saving.delete(arn);
    }
  }

  /** @throws ResourceNotFoundException; ConflictException while it is being saved. */
  remove(scope: Scope, id: string): ProfileRow {
    const row = this.get(scope, id);
    this.#refuseSaving(scope, id);
    this.#store.transaction(() => {
      this.#rows.delete(scope, id);
      this.#states.delete(scope, id);
    });
    this.#tags.forget(scope, this.arn(scope, id));
    return row;
  }

  #put(scope: Scope, id: string, from: { browser: string; sessionId: string }, state: string): ProfileRow {
    const at = this.#clock.now();
    const row = { ...this.get(scope, id), lastUpdatedAt: at, saved: { at, ...from } };
    this.#store.transaction(() => {
      this.#states.put(scope, id, state);
      this.#rows.put(scope, id, row);
    });
    return row;
  }

  #refuseSaving(scope: Scope, id: string): void {
    if (!this.isSaving(scope, id)) return;
    throw conflict(`The browser profile ${id} is SAVING. Try again when it is READY.`);
  }
}
