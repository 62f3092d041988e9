/** The addresses of everything a client can read as a resource. */
export const templates = {
  codeFile: 'agentcore://code-sessions/{session}/files/{+path}',
  result: 'agentcore://results/{id}/{page}',
  workspaceFile: 'agentcore://workspace/{+path}',
} as const;

/** The address of a file in a code session; the path is relative to the session's working directory, or absolute. */
export function codeFileUri(session: string, path: string): string {
  return `agentcore://code-sessions/${session}/files/${encoded(path)}`;
}

/** The address of a file of the workspace; the path is relative to it. */
export function workspaceFileUri(path: string): string {
  return `agentcore://workspace/${encoded(path)}`;
}

const encoded = (path: string) => path.split('/').map(encodeURIComponent).join('/');

/** The address of a kept result, or of a later page of it; pages count from 1. */
export function resultUri(id: string, page = 1): string {
  return `agentcore://results/${id}/${page}`;
}

/** What an address names. */
export type Address =
  | { kind: 'codeFile'; session: string; path: string }
  | { kind: 'workspaceFile'; path: string }
  | { kind: 'result'; id: string; page: number };

/** @returns undefined for an address that is none of ours. */
export function parseUri(uri: string): Address | undefined {
  const file = /^agentcore:\/\/code-sessions\/([0-9a-zA-Z]{1,40})\/files\/(.+)$/s.exec(uri);
  if (file?.[1] && file[2]) {
    const path = decode(file[2]);
    return path === undefined ? undefined : { kind: 'codeFile', session: file[1], path };
  }
  const own = /^agentcore:\/\/workspace\/(.+)$/s.exec(uri)?.[1];
  const path = own && decode(own);
  if (path) return { kind: 'workspaceFile', path };
  const result = /^agentcore:\/\/results\/([0-9a-f]{16})\/([1-9]\d{0,4})$/.exec(uri);
  return result?.[1] ? { kind: 'result', id: result[1], page: Number(result[2]) } : undefined;
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
