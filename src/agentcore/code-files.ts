import type { CodeInterpreterResult } from '@aws-sdk/client-bedrock-agentcore';
import { ToolFailure } from '../failure.ts';
import type { AgentCore } from './agentcore.ts';
import { invokeCodeInterpreter } from './code-interpreter.ts';

/** Most that one call copies into or out of a session, in bytes. AWS takes 100 MB inline, counted after base64. */
export const MAX_TRANSFER_BYTES = 64 * 1024 * 1024;

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
  sessionId: string,
  files: readonly CodeFile[],
  call: Call,
): Promise<void> {
  const content = files.map(({ path, content: blob }) => ({ path, blob }));
  const result = await invokeCodeInterpreter(
    agentcore,
    sessionId,
    { name: 'writeFiles', arguments: { content } },
    call,
  );
  if (result.isError) throw sessionFile('The session did not take the files.', wordsOf(result));
}

/** @throws ToolFailure `SessionFile` when the file is not there or is too large. */
export async function readCodeFile(
  agentcore: AgentCore,
  sessionId: string,
  path: string,
  call: Call,
): Promise<CodeFile> {
  const result = await invokeCodeInterpreter(
    agentcore,
    sessionId,
    { name: 'readFiles', arguments: { paths: [path] } },
    call,
  );
  const resource = result.content?.find((block) => block.resource)?.resource;
  if (!resource) throw sessionFile(`${path} could not be read in the session.`, wordsOf(result));
  const content = resource.blob ?? Buffer.from(resource.text ?? '');
  if (content.length > MAX_TRANSFER_BYTES)
    throw sessionFile(`${path} has ${content.length} bytes; at most ${MAX_TRANSFER_BYTES} can be copied.`);
  return { path, content, mimeType: resource.mimeType };
}

function wordsOf({ content = [] }: CodeInterpreterResult): string {
  return content.flatMap(({ text }) => text ?? []).join('; ');
}

function sessionFile(message: string, foreign?: string): ToolFailure {
  return new ToolFailure({ code: 'SessionFile', message, foreign });
}
