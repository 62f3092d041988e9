import {
  type CompleteRequestParams,
  type CompleteResult,
  type ListResourceTemplatesResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
} from '@modelcontextprotocol/server';
import { type CodeFile, readCodeFile } from '../agentcore/code-files.ts';
import { listings } from '../agentcore/inventory.ts';
import type { Context } from '../context.ts';
import { redact } from '../secrets.ts';
import { failureOf } from '../tools/failures.ts';
import type { KeptResults } from '../tools/kept.ts';
import { failureText } from '../tools/response.ts';
import { makeFence } from '../tools/text.ts';
import { parseUri, resultUri, templates } from './uris.ts';

const READ_TIMEOUT_MS = 60_000;
const MAX_COMPLETIONS = 100;
/** Of the workspace. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;

export function listResourceTemplates(): ListResourceTemplatesResult {
  return {
    resourceTemplates: [
      {
        name: 'code-session-file',
        title: 'File of a code session',
        uriTemplate: templates.codeFile,
        description: 'A file in the sandbox of a code session that is still running.',
      },
      {
        name: 'workspace-file',
        title: 'File of the workspace',
        uriTemplate: templates.workspaceFile,
        description: 'A file that tools read or have written, such as a download of a browser.',
      },
      {
        name: 'full-result',
        title: 'Full result of a call',
        uriTemplate: templates.result,
        description: 'What a tool answered before it was cut to size, in pages from 1. Kept for an hour.',
        mimeType: 'text/plain',
      },
    ],
  };
}

/** @throws ResourceNotFoundError for addresses that lead nowhere; ProtocolError with the failure in words otherwise. */
export async function readResource(
  context: Context,
  uri: string,
  signal: AbortSignal,
): Promise<ReadResourceResult> {
  const address = parseUri(uri);
  if (!address) throw new ResourceNotFoundError(uri);
  if (address.kind === 'result') {
    const text = resultPage(context.kept, address);
    if (text === undefined) throw new ResourceNotFoundError(uri);
    return { contents: [{ uri, mimeType: 'text/plain', text }] };
  }
  try {
    const { path } = address;
    const file =
      address.kind === 'workspaceFile'
        ? await workspaceFile(context, path)
        : await context.sessions.at(address.session, signal, (session) =>
            readCodeFile(context.agentcore, session, path, { signal, timeoutMs: READ_TIMEOUT_MS }),
          );
    return { contents: [contentsOf(uri, file)] };
  } catch (error) {
    const { details } = await failureOf(context, error);
    const text = failureText(details, context.config.maxResultTokens);
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, text, { uri });
  }
}

async function workspaceFile({ workspace }: Context, path: string) {
  const [{ default: mime }, content] = await Promise.all([
    import('mime'),
    workspace.read(path, MAX_FILE_BYTES),
  ]);
  return { content, mimeType: mime.getType(path) ?? undefined };
}

/** One page of a kept result. Where there are several, each is fenced as a whole and names the next. */
function resultPage(kept: KeptResults, { id, page }: { id: string; page: number }): string | undefined {
  const pages = kept.read(id);
  const text = pages?.[page - 1];
  if (!pages || text === undefined || pages.length === 1) return text;
  const next = page < pages.length ? `The next is ${resultUri(id, page + 1)}.` : 'This is the last.';
  return `Page ${page} of ${pages.length}. ${next}\n${makeFence()(text)}`;
}

function contentsOf(uri: string, { content, mimeType }: Pick<CodeFile, 'content' | 'mimeType'>) {
  const text = utf8(content);
  return text === undefined
    ? { uri, mimeType, blob: Buffer.from(content).toString('base64') }
    : { uri, mimeType, text: redact(text) };
}

function utf8(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

/** Completes the session in the address of a file; where sessions cannot be listed, with nothing. */
export async function completeResource(
  { agentcore }: Context,
  { ref, argument }: CompleteRequestParams,
  signal: AbortSignal,
): Promise<CompleteResult> {
  const none = { completion: { values: [], total: 0, hasMore: false } };
  if (ref.type !== 'ref/resource' || ref.uri !== templates.codeFile || argument.name !== 'session')
    return none;
  const query = { maxResults: MAX_COMPLETIONS, ended: false, signal };
  const page = await listings.code_session(agentcore, query).catch(() => undefined);
  if (!page) return none;
  const values = page.items.map(({ id }) => id).filter((id) => id.startsWith(argument.value));
  return { completion: { values, total: values.length, hasMore: page.nextToken !== undefined } };
}
