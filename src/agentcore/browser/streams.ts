import type { AgentCore } from '../agentcore.ts';
import type { SessionRef } from '../tool-sessions/session-tool.ts';

/** How long a link to the live view opens it; AWS allows no longer. */
const LIVE_VIEW_SECONDS = 300;

/**
 * The WebSocket of a session's DevTools, and the headers that let it in, with the credentials of the SDK's client. They
 * are good for one attempt within five minutes. Written after BrowserClient.generate_ws_headers of AWS's Python SDK.
 */
export async function signedAutomation(
  agentcore: AgentCore,
  session: SessionRef,
): Promise<{ url: string; headers: Record<string, string> }> {
  const { url, signer, request } = await streamOf(agentcore, session, 'automation');
  const { headers } = await signer.sign(request);
  url.protocol = url.protocol.replace('http', 'ws');
  return { url: url.href, headers };
}

/** A link to the live view of a session that works without credentials, for {@link LIVE_VIEW_SECONDS}. */
export async function presignedLiveView(agentcore: AgentCore, session: SessionRef): Promise<string> {
  const { url, signer, request } = await streamOf(agentcore, session, 'live-view');
  const { query = {} } = await signer.presign(request, { expiresIn: LIVE_VIEW_SECONDS });
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
  return url.href;
}

async function streamOf(
  agentcore: AgentCore,
  { id, resource }: SessionRef,
  stream: 'automation' | 'live-view',
) {
  const { SignatureV4 } = await import('@smithy/signature-v4');
  const region = await agentcore.region();
  const { credentials, sha256 } = (await agentcore.data(region)).config;
  const url = new URL(
    `${await agentcore.dataUrl(region)}/browser-streams/${resource}/sessions/${id}/${stream}`,
  );
  const service = 'bedrock-agentcore';
  return {
    url,
    signer: new SignatureV4({ service, region, credentials, sha256, applyChecksum: false }),
    request: {
      method: 'GET',
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: {},
      headers: { host: url.host },
    },
  };
}
