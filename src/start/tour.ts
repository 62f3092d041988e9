import { randomBytes } from 'node:crypto';
import { mkdirSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { programVersion } from '../platform/version.ts';
import { type Data, type Step, tourSteps } from './tour-steps.ts';

/** More than a server waits before it answers that a call takes long. */
const CALL_MS = 120_000;
/** How long the end of the session may hold up the end of the tour. */
const STOP_MS = 10_000;

export interface TourOptions {
  url: string;
  token: string | undefined;
  /** The folder that downloads arrive in. */
  workspace: string;
  /** Takes one line of the report. */
  print(line: string): void;
  /** Aborts when the user has seen enough; the tour then clears up and ends. */
  signal: AbortSignal;
}

/**
 * Uses the server at an endpoint as an MCP client does, printing each call and its answer. Has a session and a folder
 * of its own, so that it touches nothing that is there.
 * @returns whether every step did what it should; the tour ends with the first that does not.
 */
export async function takeTour(options: TourOptions): Promise<boolean> {
  const { url, token, workspace, print, signal } = options;
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const client = new Client({ name: 'agentcore-mcp-tour', version: programVersion });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const session = `tour-${randomBytes(3).toString('hex')}`;
  const folder = newFolder(workspace);
  const steps = tourSteps(session, folder);
  try {
    const problem = await take(steps, client, options);
    if (problem) {
      print(signal.aborted ? '\nThe tour was interrupted.' : `\nThe tour ends here: ${problem}`);
      const stop = { name: 'stop_session', arguments: { session } };
      await client.callTool(stop, { timeout: STOP_MS }).catch(() => {});
    } else {
      print(`\nAll ${steps.length} steps worked. The files are in ${join(workspace, folder)}.`);
    }
    return !problem;
  } finally {
    removeIfEmpty(join(workspace, folder));
    await client.close();
  }
}

/** Makes the first of `tour`, `tour-2`, ... that is not there; a workspace that cannot be written is the tools' to explain. */
function newFolder(workspace: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? 'tour' : `tour-${number}`;
    try {
      mkdirSync(workspace, { recursive: true });
      mkdirSync(join(workspace, name));
      return name;
    } catch (error) {
      const taken = (error as NodeJS.ErrnoException).code === 'EEXIST' && isFolder(workspace);
      if (!taken) return name;
    }
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // It has files, or was never made.
  }
}

/** @returns why a step did not do what it should. */
async function take(
  steps: readonly Step[],
  client: Client,
  { workspace, print, signal }: TourOptions,
): Promise<string | undefined> {
  for (const [index, step] of steps.entries()) {
    print(`\n${index + 1}. ${step.title}`);
    for (const line of callLines(step)) print(`   ${line}`);
    const result = await call(client, step, signal).catch((error: Error) => error);
    if (result instanceof Error) return sentences(`${step.tool} was not answered: ${result.message}`);
    for (const line of answerLines(step, result)) print(`     ${line}`);
    const problem = problemOf(step, result, workspace);
    if (problem) return problem;
  }
  return undefined;
}

const call = (client: Client, { tool, args }: Step, signal: AbortSignal) =>
  client.callTool({ name: tool, arguments: { ...args } }, { timeout: CALL_MS, signal });

function callLines({ tool, args: { code, ...args } }: Step): string[] {
  const call = Object.keys(args).length > 0 ? `${tool} ${JSON.stringify(args)}` : tool;
  return [call, ...(code?.split('\n').map((line) => `| ${line}`) ?? [])];
}

function answerLines({ show }: Step, { structuredContent = {} }: CallToolResult): string[] {
  const data = structuredContent as Data;
  return show.flatMap((key) => shown(key, data[key]));
}

function shown(key: string, value: unknown): string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (key === 'stdout') return String(value).trimEnd().split('\n');
  if (key === 'downloaded') return (value as string[]).map((path) => `saved: ${path}`);
  if (key === 'capabilities') return (value as Capability[]).map(capabilityLine);
  return [`${key}: ${Array.isArray(value) ? value.join('; ') : value}`];
}

/** As get_status tells it. */
interface Capability {
  name: string;
  works: boolean;
  problem?: string;
  cure?: string;
}

const capabilityLine = ({ name, works, problem, cure }: Capability) =>
  works ? `${name}: works` : `${name}: OFF. ${sentences(problem, cure)}`;

const sentences = (...parts: unknown[]) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?]$/.test(String(part)) ? part : `${part}.`))
    .join(' ');

/** Why a step did not do what it should. */
function problemOf(
  { expect, tool, args }: Step,
  result: CallToolResult,
  workspace: string,
): string | undefined {
  const data = (result.structuredContent ?? {}) as Data;
  if (result.isError) return sentences(data.message, data.details, data.hint);
  if (data.exit_code) return `the code ended with exit code ${data.exit_code}: ${data.stderr}`;
  if (Array.isArray(data.not_downloaded) && data.not_downloaded.length > 0) {
    const other = `The workspace is ${workspace}; another one: npm start -- --workspace <folder>`;
    return sentences(...data.not_downloaded, other);
  }
  if (data.task) return `${tool} takes longer than the server waits for it (--wait-seconds).`;
  if (!JSON.stringify(data).includes(expect))
    return `the answer does not have "${expect}": ${JSON.stringify(data)}`;
  const absent = args.download?.find(
    (path) => !statSync(join(workspace, path), { throwIfNoEntry: false })?.size,
  );
  return absent && `${absent} did not arrive in ${workspace}`;
}
