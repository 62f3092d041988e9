import { expect, onTestFinished, test, vi } from 'vitest';
import type { Context } from '../../src/context.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';
import { startIssuer } from '../support/issuer.ts';
import { describeSandbox } from '../support/sandbox.ts';

/** Says whose token it got, and how often it was asked. */
const agent = `
import base64, json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

calls = 0

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({"status": "Healthy"})

    def do_POST(self):
        global calls
        calls += 1
        self.rfile.read(int(self.headers["content-length"]))
        claims = self.headers.get("authorization", "..").split(".")[1]
        self.answer({"who": json.loads(base64.urlsafe_b64decode(claims + "==") or "{}").get("sub"), "calls": calls})

    def answer(self, value):
        content = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

ThreadingHTTPServer(("0.0.0.0", 8080), Handler).serve_forever()
`;

async function call(context: Context, name: string, args: object): Promise<Record<string, unknown>> {
  const { structuredContent, isError } = await runTool(context, name, args, patient());
  return { ...(structuredContent as Record<string, unknown>), ...(isError && { isError }) };
}

/** Gives an agent an authorizer, and hands its token to it. */
async function protect(context: Context, agentRuntimeId: string, discoveryUrl: string): Promise<void> {
  const api = async (operation: string, params: object) =>
    (await call(context, 'call_aws_api', { operation, params })).result as Record<string, unknown>;
  const { agentRuntimeArtifact, roleArn, networkConfiguration } = await api('GetAgentRuntime', {
    agentRuntimeId,
  });
  await api('UpdateAgentRuntime', {
    ...{ agentRuntimeId, agentRuntimeArtifact, roleArn, networkConfiguration },
    authorizerConfiguration: { customJWTAuthorizer: { discoveryUrl, allowedAudience: ['us'] } },
    requestHeaderConfiguration: { requestHeaderAllowlist: ['Authorization'] },
  });
  await vi.waitUntil(
    async () => (await api('GetAgentRuntime', { agentRuntimeId })).status === 'READY',
    60_000,
  );
}

describeSandbox('an agent of the local engine that wants a token', () => {
  test('is asked with the one that is named, and its session is stopped with it', async () => {
    const issuer = await startIssuer();
    onTestFinished(() => issuer.close());
    const context = contextWith();
    const files = { 'main.py': agent };
    const { arn } = await call(context, 'deploy_agent', { name: 'guarded', files });
    await protect(context, String(arn).split('/').at(-1) ?? '', issuer.discoveryUrl);
    const ask = (more: object = {}) =>
      call(context, 'invoke_agent_runtime', { agent: 'guarded', prompt: 'x', session: 'talk', ...more });

    expect(await ask()).toMatchObject({ isError: true, code: 'TokenMissing' });
    vi.stubEnv('TOKEN_OF_OTHERS', await issuer.token('others'));
    expect(await ask({ bearer: 'TOKEN_OF_OTHERS' })).toMatchObject({
      code: 'AccessDenied',
      details: expect.stringContaining('audience'),
    });
    vi.stubEnv('AGENT_TOKEN', await issuer.token('us'));
    const bearer = 'AGENT_TOKEN';
    expect(await ask({ bearer })).toMatchObject({ answer: { who: 'somebody', calls: 1 } });
    expect(await ask({ bearer })).toMatchObject({ answer: { calls: 2 } });
    expect(await call(context, 'stop_session', { session: 'talk' })).toMatchObject({
      stopped: expect.stringMatching(/^talk-/),
    });
    expect(await ask({ bearer })).toMatchObject({ answer: { calls: 1 } });

    await call(context, 'deploy_agent', { name: 'guarded', files, env: ['MODE=new'] });
    expect(await ask()).toMatchObject({ code: 'TokenMissing' });
  });
});
