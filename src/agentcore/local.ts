import { type Config, engineSettings, serviceSettings } from '../config.ts';
import { defaultRegion } from '../engine/process/keys.ts';
import type { RunningEngine } from '../engine/process.ts';
import { ToolFailure } from '../failure.ts';
import { ownCommand } from '../platform/own-command.ts';
import { keepSecret } from '../secrets.ts';
import type { AgentCore } from './agentcore.ts';
import { createClients, deadlines } from './clients.ts';
import { localDeployment } from './deployment.ts';

/** Finds or starts the engine, once for all who ask at the same time. */
class Engine {
  readonly #config: Config;
  #found: Promise<RunningEngine> | undefined;

  constructor(config: Config) {
    this.#config = config;
  }

  /** @throws ToolFailure `EngineNotStarted` with the engine's own words. */
  find(): Promise<RunningEngine> {
    this.#found ??= this.#ensure().catch((error: Error) => {
      this.forget();
      throw new ToolFailure(
        {
          code: 'EngineNotStarted',
          message: `The local engine did not start: ${error.message}`,
          hint: `Run in a terminal: ${ownCommand('doctor')}. It says what is missing and how to mend it.`,
          retryable: true,
        },
        { cause: error },
      );
    });
    return this.#found;
  }

  forget(): void {
    this.#found = undefined;
  }

  /** What the user should know about the engine. Looked up only where none is in use that is as wanted. */
  async notice(): Promise<string | undefined> {
    const inUse = await this.#found?.catch(() => undefined);
    if (inUse) return inUse.notice;
    const { findEngine } = await import('../engine/process.ts');
    const { dataDir } = this.#config;
    return (await findEngine(dataDir, serviceSettings(this.#config)).catch(() => undefined))?.notice;
  }

  async #ensure(): Promise<RunningEngine> {
    const { ensureEngine } = await import('../engine/process.ts');
    const found = await ensureEngine(engineSettings(this.#config));
    // One that is to be replaced as soon as nobody uses it is looked at again each time.
    if (found.notice) this.forget();
    return found;
  }
}

/** Nobody listens any more, or only to say that the engine is stopping. */
function hasGone(error: unknown): boolean {
  const { code, name } = error as NodeJS.ErrnoException;
  return code === 'ECONNREFUSED' || name === 'ServiceUnavailableException';
}

/**
 * AgentCore on the local engine. Everything the AWS SDK would look up in the environment or in the user's AWS files is
 * given here, so that these cannot lead a call elsewhere.
 */
export function localAgentCore(config: Config): AgentCore {
  const { account } = config;
  const engine = new Engine(config);
  const clients = createClients({
    backend: 'local',
    bucketsInPath: true,
    settings: {
      endpoint: async () => {
        const { protocol, hostname, port } = new URL((await engine.find()).url);
        return { protocol, hostname, port: Number(port), path: '/' };
      },
      credentials: async () => {
        const keys = (await engine.find()).credentials(account);
        keepSecret(keys.secretAccessKey);
        return keys;
      },
      requestHandler: { ...deadlines, httpAgent: { keepAlive: true, maxSockets: 256 } },
      maxAttempts: 1,
      retryMode: 'standard',
      defaultsMode: 'standard',
      useDualstackEndpoint: false,
      useFipsEndpoint: false,
      authSchemePreference: [],
      userAgentAppId: 'agentcore-mcp',
    },
    /** An engine that has gone has done nothing of the call, so it goes once more, to the engine that runs then. */
    async around(send) {
      try {
        return await send();
      } catch (error) {
        if (!hasGone(error)) throw error;
        engine.forget();
        return send();
      }
    },
  });
  const region = async () => config.region ?? defaultRegion;
  return {
    backend: 'local',
    region,
    data: async (named) => clients.data(named ?? (await region())),
    control: async (named) => clients.control(named ?? (await region())),
    s3: async (named) => clients.s3(named ?? (await region())),
    logs: async (named) => clients.logs(named ?? (await region())),
    dataUrl: async () => (await engine.find()).url.replace(/\/$/, ''),
    deployment: async () => localDeployment(account),
    origin: async (named) => ({ backend: 'local', account, region: named ?? (await region()) }),
    notice: () => engine.notice(),
  };
}
