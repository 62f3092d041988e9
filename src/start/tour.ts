import { randomBytes } from 'node:crypto';
import { mkdirSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CallToolResult, Client } from '@modelcontextprotocol/client';
import { programVersion } from '../platform/version.ts';
import { agentSteps, deletion } from './tour-agent.ts';
import { memorySteps } from './tour-memory.ts';
import { answerLines, type Call, callLines, duration, fileLines, sentences } from './tour-report.ts';
import { browserSession, type Data, type Step, tourSteps } from './tour-steps.ts';

/** More than a server waits before it answers that a call takes long: the agent's packages may come slowly. */
const CALL_MS = 630_000;
/** How long each thing to be ended may hold up the end of the tour. */
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
  const steps = [...tourSteps(session, folder), ...agentSteps(session, folder), ...memorySteps(session)];
  const tour = { steps, folder: join(workspace, folder), answers: new Map<string, Data>() };
  const started = performance.now();
  try {
    const problem = await take(tour, client, options);
    if (problem) {
      print(signal.aborted ? '\nThe tour was interrupted.' : `\nThe tour ends here: ${problem}`);
      await clearUp(session, tour, client);
    } else {
      const time = duration(performance.now() - started);
      print(`\nAll ${steps.length} steps worked, in ${time}. The files are in ${tour.folder}.`);
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

interface Tour {
  steps: readonly Step[];
  /** Where its files are, on this machine. */
  folder: string;
  /** The last answer of each tool. */
  answers: Map<string, Data>;
}

/** @returns why a step did not do what it should. */
async function take(
  { steps, folder, answers }: Tour,
  client: Client,
  { workspace, print, signal }: TourOptions,
): Promise<string | undefined> {
  for (const [index, step] of steps.entries()) {
    print(`\n${index + 1}. ${step.title}`);
    const unwritten = writeFiles(step, folder);
    if (unwritten) return unwritten;
    const call = { tool: step.tool, args: typeof step.args === 'function' ? step.args(answers) : step.args };
    for (const line of [...fileLines(step), ...callLines(call)]) print(`   ${line}`);
    const started = performance.now();
    const result = await send(client, call, signal).catch((error: Error) => error);
    if (result instanceof Error) return sentences(`${step.tool} was not answered: ${result.message}`);
    for (const line of answerLines(step, result)) print(`     ${line}`);
    const problem = problemOf(step, call, result, workspace);
    if (problem) return problem;
    print(`   (${duration(performance.now() - started)})`);
    answers.set(step.tool, result.structuredContent as Data);
  }
  return undefined;
}

/** Ends what a tour that did not come to its end may have left. */
async function clearUp(session: string, { answers }: Tour, client: Client): Promise<void> {
  const calls = [session, browserSession(session)].map((label) => ({
    tool: 'stop_session',
    args: { session: label },
  }));
  const deployed = answers.has('deploy_agent') && !answers.has('call_aws_api');
  const last = deployed ? [{ tool: 'call_aws_api', args: deletion(answers) }] : [];
  const timeout = AbortSignal.timeout(STOP_MS);
  for (const call of [...calls, ...last]) await send(client, call, timeout).catch(() => {});
}

/** @returns why they could not be written. */
function writeFiles({ files = {} }: Step, folder: string): string | undefined {
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    return undefined;
  } catch (error) {
    return sentences(`The files of this step could not be written: ${(error as Error).message}`);
  }
}

const send = (client: Client, { tool, args }: Call, signal: AbortSignal) =>
  client.callTool({ name: tool, arguments: { ...args } }, { timeout: CALL_MS, signal });

/** Why a step did not do what it should. */
function problemOf(
  { expect }: Step,
  { tool, args }: Call,
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
