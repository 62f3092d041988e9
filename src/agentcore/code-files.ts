import { posix } from 'node:path';
import type { CodeInterpreterResult } from '@aws-sdk/client-bedrock-agentcore';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { invokeCodeInterpreter } from './code-interpreter.ts';
import type { SessionRef } from './tool-sessions/session-tool.ts';

/** Most that one call copies into or out of a session, in bytes. AWS takes 100 MB inline, counted after base64. */
export const MAX_TRANSFER_BYTES = 64 * 1024 * 1024;

/** What certainly fits into one answer: AWS's SDKs take 24 MiB, in which bytes are base64. */
const MAX_READ_BYTES = 18_700_000;

export interface CodeFile {
  /** Relative to the session's working directory, or absolute. */
  path: string;
  content: Uint8Array;
  mimeType?: string;
}

type Call = Parameters<typeof invokeCodeInterpreter>[3];

/** @throws ToolFailure `SessionFile` with the session's own words when a file cannot be written. */
export async function writeCodeFiles(
  agentcore: AgentCore,
  session: SessionRef,
  files: readonly CodeFile[],
  call: Call,
): Promise<void> {
  const content = files.map(({ path, content: blob }) => ({ path, blob }));
  const result = await invokeCodeInterpreter(
    agentcore,
    session,
    { name: 'writeFiles', arguments: { content } },
    call,
  );
  if (result.isError) throw sessionFile('The session did not take the files.', wordsOf(result));
}

/**
 * The directory at which relative paths begin. AWS does not publish it, so the session is asked.
 * @throws ToolFailure `SessionFile` when the session does not tell.
 */
export async function workingDirectory(
  agentcore: AgentCore,
  session: SessionRef,
  call: Call,
): Promise<string> {
  const request = { name: 'executeCommand', arguments: { command: 'pwd' } } as const;
  const result = await invokeCodeInterpreter(agentcore, session, request, call);
  const directory = result.structuredContent?.stdout?.trim() ?? '';
  if (posix.isAbsolute(directory)) return directory;
  throw sessionFile('The session does not tell its working directory.', wordsOf(result));
}

/**
 * The path as seen from the working directory, which only an absolute one needs.
 * @throws ToolFailure `SessionFile` for an absolute one that lies elsewhere.
 */
export function relativePath(path: string, directory = '/'): string {
  const relative = posix.isAbsolute(path) ? posix.relative(directory, path) : path;
  if (relative !== '' && !/^\.\.(?:\/|$)/.test(posix.normalize(relative))) return relative;
  throw sessionFile(
    `${path} is no file below the session's working directory.`,
    undefined,
    'Copy it there first, and name the copy by its relative path.',
  );
}

/** @throws ToolFailure `SessionFile` when the file is not there or is too large. */
export async function readCodeFile(
  agentcore: AgentCore,
  session: SessionRef,
  path: string,
  call: Call,
): Promise<CodeFile> {
  const result = await invokeCodeInterpreter(
    agentcore,
    session,
    { name: 'readFiles', arguments: { paths: [path] } },
    call,
  );
  const resource = result.content?.find((block) => block.resource)?.resource;
  if (!resource) {
    const size = await sizeOf(agentcore, session, path, call);
    if (size !== undefined && size > MAX_READ_BYTES) throw tooLarge(path, size, MAX_READ_BYTES);
    throw sessionFile(`${path} could not be read in the session.`, wordsOf(result));
  }
  const content = resource.blob ?? Buffer.from(resource.text ?? '');
  if (content.length > MAX_TRANSFER_BYTES) throw tooLarge(path, content.length, MAX_TRANSFER_BYTES);
  return { path, content, mimeType: resource.mimeType };
}

/** As its folder lists it; undefined where that does not tell. */
async function sizeOf(
  agentcore: AgentCore,
  session: SessionRef,
  path: string,
  call: Call,
): Promise<number | undefined> {
  const request = { name: 'listFiles', arguments: { path: posix.dirname(path) } } as const;
  const { content = [] } = await invokeCodeInterpreter(agentcore, session, request, call);
  return content.find(({ name }) => name === posix.basename(path))?.size;
}

function wordsOf({ content = [] }: CodeInterpreterResult): string {
  return content.flatMap(({ text }) => text ?? []).join('; ');
}

function tooLarge(path: string, bytes: number, most: number): ToolFailure {
  return sessionFile(
    `${path} has ${bytes} bytes; at most ${most} can be copied.`,
    undefined,
    'Compress or split it in the session.',
  );
}

function sessionFile(message: string, foreign?: string, hint?: string): ToolFailure {
  return new ToolFailure({ code: 'SessionFile', message, foreign, hint });
}
