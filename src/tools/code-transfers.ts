import { posix } from 'node:path';
import {
  type CodeFile,
  MAX_TRANSFER_BYTES,
  readCodeFile,
  relativePath,
  workingDirectory,
} from '../agentcore/code-files.ts';
import type { SessionRef } from '../agentcore/tool-sessions/session-tool.ts';
import type { Context } from '../context.ts';
import { codeFileUri } from '../resources/uris.ts';
import type { Link } from './define.ts';
import { failureOf } from './failures.ts';

/** The files of the workspace that a call takes along. @throws ToolFailure where one cannot be read, or all are too large. */
export async function readUploads({ workspace }: Context, paths: readonly string[]): Promise<CodeFile[]> {
  let room = MAX_TRANSFER_BYTES;
  const files: CodeFile[] = [];
  for (const path of paths) {
    const content = await workspace.read(path, room);
    room -= content.length;
    files.push({ path: workspace.nameOf(path), content });
  }
  return files;
}

/** Copies what can be copied. Whatever fails here, the code has run, and its output is wanted. */
export async function download(
  context: Context,
  session: SessionRef,
  paths: readonly string[],
  call: { signal: AbortSignal; timeoutMs: number },
) {
  const { agentcore, workspace } = context;
  const saved: string[] = [];
  const replaced: string[] = [];
  const failed: string[] = [];
  const links: Link[] = [];
  let directory: string | undefined;
  for (const named of paths) {
    try {
      if (posix.isAbsolute(named)) directory ??= await workingDirectory(agentcore, session, call);
      const path = relativePath(named, directory);
      const { content, mimeType } = await readCodeFile(agentcore, session, path, call);
      const wasThere = await workspace.has(path);
      saved.push(await workspace.write(path, content));
      if (wasThere) replaced.push(path);
      links.push({
        uri: codeFileUri(session.id, path),
        name: posix.basename(path),
        mimeType,
        size: content.length,
      });
    } catch (error) {
      call.signal.throwIfAborted();
      const { message, details } = await failureOf(context, error);
      const about = message.includes(named) ? message : `${named}: ${message}`;
      failed.push([about, details.hint].filter(Boolean).join(' '));
    }
  }
  return { saved, replaced, failed, links };
}
