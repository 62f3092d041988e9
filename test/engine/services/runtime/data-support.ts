import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll } from 'vitest';
import { Clock } from '../../../../src/engine/clock.ts';
import { createEgress } from '../../../../src/engine/egress/index.ts';
import { silentLog } from '../../../../src/engine/log.ts';
import type { Call, Handler, InputOf, OperationName, OutputOf } from '../../../../src/engine/service.ts';
import { notFound } from '../../../../src/engine/services/exceptions.ts';
import { Idempotency } from '../../../../src/engine/services/idempotency.ts';
import { verifyBearer } from '../../../../src/engine/services/jwt.ts';
import type { LogStore } from '../../../../src/engine/services/logs/log-store.ts';
import { createDataPlane, type DataPlane } from '../../../../src/engine/services/runtime/data.ts';
import type { LaunchConfig, Target } from '../../../../src/engine/services/runtime/target.ts';
import { openStore } from '../../../../src/engine/store/sqlite.ts';
import { sandboxes } from '../../../support/sandbox.ts';
import { lastingDir } from './data-folders.ts';

export const scope = { account: '111122223333', region: 'eu-central-1' };
export const keys = { accessKeyId: scope.account, secretAccessKey: 'the secret key of the account' };

/** Answers what agents ask the engine for. */
const engine = createServer((request, response) => void response.end(`the engine, asked for ${request.url}`));

/** Keeps what is logged, by stream. */
class KeptLogs implements LogStore {
  readonly streams = new Map<string, string[]>();

  append(_scope: unknown, group: string, stream: string, events: readonly { message: string }[]): void {
    const kept = this.streams.get(`${group} ${stream}`) ?? [];
    this.streams.set(`${group} ${stream}`, [...kept, ...events.map(({ message }) => message)]);
  }

  /** The lines of a session, wherever they are. */
  of(sessionId: string): string[] {
    return [...this.streams].flatMap(([name, lines]) => (name.endsWith(`]${sessionId}`) ? lines : []));
  }
}

/** A data plane on real sandboxes for all tests of a group; agents are folders given to it directly. */
export function useAgents({ startDeadlineMs }: { startDeadlineMs?: number } = {}) {
  const dataDir = lastingDir();
  const targets = new Map<string, Target>();
  const logs = new KeptLogs();
  let plane: DataPlane;
  let made = 0;

  beforeAll(() => {
    const store = openStore(join(dataDir, 'engine.db'));
    plane = createDataPlane({
      sandboxes,
      log: silentLog,
      clock: new Clock(),
      logs,
      idempotency: new Idempotency({ store, log: silentLog }),
      dataDir,
      doors: {
        engine: (socket: Duplex) => void engine.emit('connection', socket),
        port: () => 45_678,
        credentials: () => keys,
      },
      agents: { allowHosts: [], strictRuntime: false },
      openEgress: () => createEgress({ allowHosts: [], log: silentLog }),
      targets: {
        find(_scope, { agentRuntimeArn }) {
          const target = targets.get(agentRuntimeArn);
          if (!target) throw notFound(`There is no ${agentRuntimeArn}.`);
          return target;
        },
      },
      verifyBearer,
      startDeadlineMs,
    });
  });
  afterAll(() => plane.close());

  const call = <Name extends OperationName>(
    name: Name,
    input: InputOf<Name>,
    more: Partial<Call> = {},
  ): Promise<OutputOf<Name>> => (plane.handlers[name] as Handler<Name>)(input, callOf(more));

  return {
    dataDir,
    logs,
    call,
    get plane() {
      return plane;
    },
    /** Makes files an agent. */
    deploy(files: Readonly<Record<string, string>>, config: Partial<LaunchConfig> = {}): Target {
      const runtimeId = `agent${++made}-abcdefghij`;
      const target: Target = {
        scope,
        runtimeId,
        runtimeArn: `arn:aws:bedrock-agentcore:${scope.region}:${scope.account}:runtime/${runtimeId}`,
        endpoint: 'DEFAULT',
        config: {
          version: '1',
          runtime: Object.keys(files)[0]?.endsWith('.py') ? 'PYTHON_3_12' : 'NODE_22',
          entryPoint: [Object.keys(files)[0] ?? ''],
          codeFolder: writeFiles(files),
          protocol: 'HTTP',
          environment: {},
          idleSeconds: 900,
          lifetimeSeconds: 28_800,
          headerAllowlist: [],
          storageMounts: [],
          ...config,
        },
      };
      targets.set(target.runtimeArn, target);
      return target;
    },
    /** Puts another version in the place of an agent. */
    replace(target: Target, config: Partial<LaunchConfig>): void {
      targets.set(target.runtimeArn, { ...target, config: { ...target.config, ...config } });
    },
    /** Has the obedient agent run code. */
    async run(
      { runtimeArn }: Target,
      runtimeSessionId: string,
      code: string,
      more: Partial<Call> = {},
    ): Promise<unknown> {
      const payload = Buffer.from(JSON.stringify({ code }));
      const { response } = await call(
        'InvokeAgentRuntime',
        { agentRuntimeArn: runtimeArn, runtimeSessionId, payload },
        more,
      );
      return JSON.parse(await textOf(response));
    },
    stop: ({ runtimeArn }: Target, runtimeSessionId: string) =>
      call('StopRuntimeSession', { agentRuntimeArn: runtimeArn, runtimeSessionId }),
  };
}

/** A call as the wire makes it. */
export function callOf(more: Partial<Call> = {}): Call {
  const requestId = 'the-request-id';
  return {
    ...scope,
    requestId,
    signal: new AbortController().signal,
    headers: new Map(),
    origin: 'http://127.0.0.1',
    ...more,
  };
}

export async function textOf(body: unknown): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The error that something fails with. */
export async function failureOf(work: Promise<unknown>): Promise<{ name: string; message: string }> {
  const { name, message } = await work.then(
    () => ({ name: 'none', message: 'It did not fail.' }),
    (error: Error) => error,
  );
  return { name, message };
}

let sessions = 0;

/** A session id of 33 characters or more that no other test has. */
export function newSession(): string {
  return `session-${String(++sessions).padStart(30, '0')}`;
}

/** Readable by everybody, as unpacked code is. */
function writeFiles(files: Readonly<Record<string, string>>): string {
  const folder = lastingDir();
  chmodSync(folder, 0o755);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
