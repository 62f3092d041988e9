import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { orAborted } from '../../or-aborted.ts';
import type { findInterpreter } from '../../sandbox/interpreters.ts';
import type { Scope } from '../../service.ts';
import { ArtifactError } from '../artifacts/artifact-error.ts';
import { invalid } from '../exceptions.ts';
import type { AgentSettings } from '../index.ts';
import { ObjectError, type ObjectSource, whyUnread } from '../objects/objects.ts';
import type { Tags } from '../tags.ts';
import { type Prepared, prepare } from './artifact/prepare.ts';
import { Background, Turns } from './background.ts';
import { codeSource } from './checks.ts';
import { CodeFolders } from './folders.ts';
import { DEFAULT_ENDPOINT, endpointArn, runtimeArn } from './names.ts';
import type { Rows, VersionConfig, VersionRow } from './rows.ts';
import type { RunningSessions } from './target.ts';

/** Agents that are made ready at once: each may run an installer of packages, outside of every sandbox. */
const PREPARING = 3;
/** As much of a reason as a row keeps, in characters. */
const REASON_LENGTH = 2_000;

export interface LifecycleDependencies {
  rows: Rows;
  tags: Tags;
  log: Log;
  clock: Clock;
  dataDir: string;
  objects: ObjectSource;
  settings: AgentSettings;
  /** Asked for when something is deleted; not before. */
  sessions: () => RunningSessions;
  findInterpreter: typeof findInterpreter;
}

type CodeObject = Awaited<ReturnType<ObjectSource['read']>>;

/** What happens to agents after the call was answered: versions become ready, agents and endpoints go away. */
export class Lifecycle {
  readonly #dependencies: LifecycleDependencies;
  readonly #background: Background;
  readonly #turns = new Turns(PREPARING);
  readonly folders: CodeFolders;

  constructor(dependencies: LifecycleDependencies) {
    this.#dependencies = dependencies;
    this.#background = new Background(dependencies.log);
    this.folders = new CodeFolders(dependencies.dataDir);
  }

  /** How much is going on. */
  get busy(): number {
    return this.#background.size;
  }

  /** Stops what goes on; the next engine takes it up again. */
  close(): Promise<void> {
    return this.#background.close();
  }

  /** Takes up what an earlier engine left in the middle, and removes code that belongs to nothing. */
  resume(): void {
    const { rows } = this.#dependencies;
    this.#background.chore('Sweeping the code of agents', () =>
      this.folders.sweep((scope, id, version) => rows.versions.get(scope, `${id}/${version}`) !== undefined),
    );
    for (const { scope, document } of rows.versions.all()) {
      if (isUnderWay(document.status)) this.begin(scope, document);
    }
    for (const { scope, document } of rows.endpoints.all()) {
      if (document.status === 'DELETING') this.deleteEndpoint(scope, document.runtimeId, document.name);
    }
    for (const { scope, id, document } of rows.runtimes.all()) {
      if (document.deletion?.status === 'DELETING') this.deleteRuntime(scope, id);
    }
  }

  /** Opens a version's zip. @throws ValidationException where it cannot be had, naming the bucket or key. */
  async openCode(scope: Scope, config: VersionConfig): Promise<CodeObject> {
    try {
      return await this.#read(scope, config);
    } catch (error) {
      if (!(error instanceof ObjectError)) throw error;
      const { bucket, key } = codeSource(config);
      const member = error.code === 'NoSuchKey' ? 'prefix' : 'bucket';
      throw invalid(
        `agentRuntimeArtifact.codeConfiguration.code.s3.${member}`,
        whyUnread(error, bucket, key, 'zip'),
      );
    }
  }

  /** Makes a version ready, or failed. `object` is its zip, where it is open already. */
  begin(scope: Scope, row: VersionRow, object?: CodeObject): void {
    const { account, region } = scope;
    const { runtimeId, version } = row;
    const what = `Preparing version ${version} of the agent runtime ${runtimeId}`;
    this.#background.run(what, async (signal) => {
      try {
        const prepared = await this.#turns.run(signal, () =>
          this.#prepare({ account, region }, row, object, signal),
        );
        this.#succeed({ account, region }, row, prepared);
      } catch (error) {
        object?.body.destroy();
        if (signal.aborted) return;
        this.#dependencies.log.warn(`${what} failed`, { error });
        this.#fail({ account, region }, row, reasonOf(error));
      }
    });
  }

  /** Ends an agent's sessions and forgets it with all it has. Its row says DELETING already. */
  deleteRuntime({ account, region }: Scope, runtimeId: string): void {
    const { rows, tags, sessions, clock } = this.#dependencies;
    const scope = { account, region };
    this.#background.run(`Deleting the agent runtime ${runtimeId}`, async (signal) => {
      try {
        await orAborted(signal, sessions().end(scope, runtimeId));
        await this.folders.remove(scope, runtimeId);
        rows.together(() => {
          for (const { name } of rows.of(rows.endpoints, scope, runtimeId)) {
            tags.forget(scope, endpointArn(scope, runtimeId, name));
          }
          tags.forget(scope, runtimeArn(scope, runtimeId));
          rows.remove(scope, runtimeId);
        });
      } catch (error) {
        if (signal.aborted) return;
        const deletion = { status: 'DELETE_FAILED', failureReason: reasonOf(error) } as const;
        rows.putRuntime(scope, { ...rows.runtime(scope, runtimeId), deletion, lastUpdatedAt: clock.now() });
        throw error;
      }
    });
  }

  /** Ends an endpoint's sessions and forgets it. Its row says DELETING already. */
  deleteEndpoint({ account, region }: Scope, runtimeId: string, name: string): void {
    const { rows, tags, sessions, clock } = this.#dependencies;
    const scope = { account, region };
    this.#background.run(`Deleting the endpoint ${name} of ${runtimeId}`, async (signal) => {
      try {
        await orAborted(signal, sessions().end(scope, runtimeId, name));
        tags.forget(scope, endpointArn(scope, runtimeId, name));
        rows.endpoints.delete(scope, `${runtimeId}/${name}`);
      } catch (error) {
        if (signal.aborted) return;
        const row = rows.endpoint(scope, runtimeId, name);
        const change = {
          status: 'DELETE_FAILED',
          failureReason: reasonOf(error),
          lastUpdatedAt: clock.now(),
        } as const;
        rows.putEndpoint(scope, { ...row, ...change });
        throw error;
      }
    });
  }

  /** A body that fails before it is read must not take the engine with it: who reads it finds the failure then. */
  async #read(scope: Scope, config: VersionConfig): Promise<CodeObject> {
    const { bucket, key, versionId } = codeSource(config);
    const object = await this.#dependencies.objects.read(scope, bucket, key, versionId);
    object.body.on('error', () => {});
    return object;
  }

  async #prepare(
    scope: Scope,
    row: VersionRow,
    object: CodeObject | undefined,
    signal: AbortSignal,
  ): Promise<Prepared> {
    const { settings, findInterpreter, log } = this.#dependencies;
    const { runtime, entryPoint } = codeSource(row.config);
    const started = Date.now();
    const prepared = await prepare({
      object: object ?? (await this.#read(scope, row.config)),
      runtime,
      entryPoint,
      folder: this.folders.of(scope, row.runtimeId, row.version),
      scratch: this.folders.scratch(),
      strict: settings.strictRuntime,
      findInterpreter,
      log,
      signal,
    });
    const seconds = (Date.now() - started) / 1000;
    log.info(`Version ${row.version} of the agent runtime ${row.runtimeId} is ready`, { seconds });
    return prepared;
  }

  #succeed(scope: Scope, row: VersionRow, { interpreter, bound }: Prepared): void {
    const { rows, clock } = this.#dependencies;
    const change = { status: 'READY', failureReason: undefined, lastUpdatedAt: clock.now() } as const;
    rows.together(() => {
      rows.putVersion(scope, {
        ...row,
        ...change,
        interpreter: `${interpreter.language}-${interpreter.version}`,
        bound,
      });
      const endpoint = rows.endpoint(scope, row.runtimeId, DEFAULT_ENDPOINT);
      rows.putEndpoint(scope, {
        ...endpoint,
        ...change,
        liveVersion: row.version,
        targetVersion: row.version,
      });
    });
  }

  /** What answered before goes on answering. */
  #fail(scope: Scope, row: VersionRow, failureReason: string): void {
    const { rows, clock } = this.#dependencies;
    const status = row.status === 'CREATING' ? 'CREATE_FAILED' : 'UPDATE_FAILED';
    const change = { status, failureReason, lastUpdatedAt: clock.now() } as const;
    rows.together(() => {
      rows.putVersion(scope, { ...row, ...change });
      const endpoint = rows.endpoint(scope, row.runtimeId, DEFAULT_ENDPOINT);
      rows.putEndpoint(scope, { ...endpoint, ...change, targetVersion: endpoint.liveVersion ?? row.version });
    });
  }
}

/** Whether nothing else may be begun meanwhile. */
export const isUnderWay = (status: string) => status === 'CREATING' || status === 'UPDATING';

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text =
    error instanceof ArtifactError || error instanceof ObjectError
      ? message
      : `The engine failed: ${message}`;
  return text.slice(0, REASON_LENGTH);
}
