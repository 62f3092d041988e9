import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { until } from './engine.ts';
import { binary } from './mcp-clients.ts';

interface Message {
  id?: number | string;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
  params?: Record<string, unknown>;
}

/** The built server on stdio, without any client in between; killed after the test if it is still there. */
export class RawStdio {
  readonly process: ChildProcessWithoutNullStreams;
  /** Everything it wrote to stdout. */
  stdout = '';
  stderr = '';
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [binary, ...args], { env: { ...process.env, ...env } });
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.process.stdin.on('error', () => {});
    this.ended = once(this.process, 'close').then(([code, signal]) => ({ code, signal }));
    onTestFinished(async () => {
      this.process.kill('SIGKILL');
      await this.ended;
    });
  }

  send(...messages: (object | string)[]): void {
    for (const message of messages)
      this.process.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  /** Opens the connection as clients up to 2025-11-25 do. */
  initialize(): Promise<Message> {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'raw', version: '1' },
    };
    this.send({ jsonrpc: '2.0', id: 'init', method: 'initialize', params });
    this.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    return this.answer('init');
  }

  /** What it wrote so far, each line a message. Throws for a line that is none. */
  get messages(): Message[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Message);
  }

  answer(id: number | string): Promise<Message> {
    return until(() => this.messages.find((message) => message.id === id && !message.method));
  }
}
