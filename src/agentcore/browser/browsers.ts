import type { Browser } from 'playwright-core';
import { ToolFailure } from '../../failure.ts';
import { showLink } from '../../secrets.ts';
import type { AgentCore } from '../agentcore.ts';
import type { SessionRef } from '../tool-sessions/session-tool.ts';
import { ended, type OpenSession, ToolSessions } from '../tool-sessions/sessions.ts';
import { connectBrowser } from './connect.ts';
import { Connections } from './connections.ts';
import { connectionBroken, handedOver } from './failures.ts';
import { type BrowserOptions, browserSessionTool, describeSession } from './session-tool.ts';
import { refuseOtherSettings } from './settings.ts';
import { presignedLiveView } from './streams.ts';
import { Turns } from './turns.ts';

export type BrowserSession = OpenSession;

export interface AutomationView {
  session: SessionRef;
  /** Playwright's, over the automation stream; the same object as long as the stream holds, a new one after it dropped. */
  connection: Browser;
  /** Whether a person who had control has given it back since the last call. */
  returned: boolean;
}

/** Browser sessions by id or by label, and the connections that drive them. */
export class BrowserSessions extends ToolSessions<BrowserOptions> {
  readonly #turns = new Turns();
  readonly #connecting = new Turns();
  /** Sessions that this server has handed to a person. */
  readonly #handedOver = new Set<string>();
  readonly #connections = new Connections((id) => this.#turns.taken(id));

  constructor(agentcore: AgentCore) {
    super(agentcore, browserSessionTool);
  }

  /** @throws ToolFailure also `OtherSettings` where a session is there that was started with others than these. */
  override async open(
    handle: string | undefined,
    signal: AbortSignal,
    options: BrowserOptions = {},
  ): Promise<BrowserSession> {
    // It loads while the session starts; what is wrong with it is said where it is used.
    import('playwright-core').catch(() => {});
    const session = await super.open(handle, signal, options);
    if (!session.started) await refuseOtherSettings(this.agentcore, session, options, signal);
    return session;
  }

  /**
   * Does something with the browser of a session; what others do with it comes before or after.
   * @throws what {@link automate} throws, and what `work` throws. Where that is because the connection broke, it is said why.
   */
  using<T>(session: SessionRef, signal: AbortSignal, work: (view: AutomationView) => Promise<T>): Promise<T> {
    return this.#turns.take(session.id, signal, async () => {
      const view = await this.automate(session, signal);
      try {
        return await work(view);
      } catch (error) {
        if (error instanceof ToolFailure || (await this.#connections.find(session.id))) throw error;
        throw await this.broken(session, signal, error);
      }
    });
  }

  /**
   * The connection to the browser of a session, made where there is none or it has dropped.
   * @throws ToolFailure `SessionEnded`; `HandedOver` while a person has control, with the link to the live view in its hint.
   */
  automate(session: SessionRef, signal: AbortSignal): Promise<AutomationView> {
    return this.#connecting.take(session.id, signal, async () => {
      const kept = await this.#connections.find(session.id);
      const connection = kept ?? (await this.#connect(session, signal));
      return { session, connection, returned: this.#handedOver.delete(session.id) };
    });
  }

  /** Why a connection broke: what {@link automate} would say now, or that it broke, where another one can be made. */
  async broken(session: SessionRef, signal: AbortSignal, cause?: unknown): Promise<Error> {
    try {
      await this.automate(session, signal);
    } catch (error) {
      return error as Error;
    }
    return connectionBroken(session.id, cause);
  }

  /** Takes automation away, so that a person alone drives the browser. */
  async handOver(session: SessionRef, signal: AbortSignal): Promise<void> {
    await this.#setAutomation(session, 'DISABLED', signal);
    this.#handedOver.add(session.id);
    await this.#connections.drop(session.id);
  }

  /** Ends the control of a person. */
  takeBack(session: SessionRef, signal: AbortSignal): Promise<void> {
    return this.#setAutomation(session, 'ENABLED', signal);
  }

  /** A link to the live view of a session that works without credentials, for 300 seconds. */
  async liveViewUrl(session: SessionRef): Promise<string> {
    const link = await presignedLiveView(this.agentcore, session);
    showLink(link);
    return link;
  }

  override async stop(handle: string, signal: AbortSignal): Promise<string> {
    const id = await super.stop(handle, signal);
    await this.#connections.drop(id);
    return id;
  }

  /** Leaves all browsers; their sessions go on. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  /** Tried once more where it fails although the session runs and nobody has control: a stream may break at any time. */
  async #connect(session: SessionRef, signal: AbortSignal): Promise<Browser> {
    const connect = async () => {
      const browser = await connectBrowser(this.agentcore, session, signal);
      await this.#connections.keep(session.id, browser);
      return browser;
    };
    await this.#refuseHandedOver(session, signal);
    try {
      return await connect();
    } catch (error) {
      signal.throwIfAborted();
      if (!(await this.#refuseHandedOver(session, signal))) {
        const { name, message } = error as Error;
        throw ended(session.id, name === 'ConflictException' ? message : undefined);
      }
      if (error instanceof ToolFailure && error.details.code === 'Timeout') throw error;
    }
    return connect();
  }

  /** @returns whether the session runs. @throws ToolFailure `HandedOver` */
  async #refuseHandedOver(session: SessionRef, signal: AbortSignal): Promise<boolean> {
    const { status, streams } = await describeSession(this.agentcore, session, signal);
    if (status !== 'READY') return false;
    if (streams?.automationStream?.streamStatus !== 'DISABLED') return true;
    throw handedOver(this.agentcore, session.id, await this.liveViewUrl(session));
  }

  async #setAutomation(
    { id: sessionId, resource }: SessionRef,
    streamStatus: 'ENABLED' | 'DISABLED',
    signal: AbortSignal,
  ): Promise<void> {
    const { UpdateBrowserStreamCommand } = await import('@aws-sdk/client-bedrock-agentcore');
    const client = await this.agentcore.data();
    const command = new UpdateBrowserStreamCommand({
      browserIdentifier: resource,
      sessionId,
      streamUpdate: { automationStreamUpdate: { streamStatus } },
    });
    try {
      await client.send(command, { abortSignal: signal });
    } catch (error) {
      throw (await this.ending(sessionId, error, signal)) ?? error;
    }
  }
}
