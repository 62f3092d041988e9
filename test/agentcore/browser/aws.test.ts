import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createAgentCore } from '../../../src/agentcore/agentcore.ts';
import { BrowserSessions } from '../../../src/agentcore/browser/browsers.ts';
import { signedAutomation } from '../../../src/agentcore/browser/streams.ts';
import { explain } from '../../../src/agentcore/errors.ts';
import { parseConfig } from '../../../src/config.ts';
import { createEgress } from '../../../src/engine/egress/index.ts';
import { silentLog } from '../../../src/engine/log.ts';
import { runTool } from '../../../src/tools/call.ts';
import {
  type Captured,
  callerIdentity,
  json,
  type Recorded,
  startStandIn,
  stubAws,
} from '../../support/aws-stand-in.ts';
import { browsers, describeBrowser } from '../../support/browser.ts';
import { contextWith, patient } from '../../support/contexts.ts';

const sessionId = '01KA1B2C3D4E5F6G7H8J9KMNPQ';
const session = { id: sessionId, resource: 'aws.browser.v1' };
const place = `/browser-streams/aws.browser.v1/sessions/${sessionId}`;
const { signal } = patient();

let standIn: Awaited<ReturnType<typeof startStandIn>>;
beforeAll(async () => {
  standIn = await startStandIn();
});
afterAll(() => standIn.close());

beforeEach(() => {
  stubAws(standIn.url);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'ASIAEXAMPLEEXAMPLE00');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not-a-real-secret-but-as-long-as-one-is');
  vi.stubEnv('AWS_SESSION_TOKEN', 'not+a/real=token');
});
afterEach(() => vi.unstubAllEnvs());

const aws = () => createAgentCore(parseConfig(['--backend', 'aws', '--region', 'eu-west-1']));

function sessions(): BrowserSessions {
  const made = new BrowserSessions(aws());
  onTestFinished(() => made.close());
  return made;
}

/** AWS with one session, and with profiles; calls to it are kept in the order of their arrival. */
function answer({ status = 'READY', streamStatus = 'ENABLED', profiles = [] as object[] } = {}): Captured[] {
  const streams = { automationStream: { streamEndpoint: 'wss://elsewhere.example/x', streamStatus } };
  const known = {
    browserIdentifier: 'aws.browser.v1',
    sessionId,
    createdAt: '2026-01-01T00:00:00Z',
    streams,
  };
  const answers: [RegExp, object][] = [
    [/sessions\/list/, { items: [] }],
    [/sessions\/get/, { ...known, status, profileConfiguration: { profileIdentifier: 'work-a1B2c3D4e5' } }],
    [/sessions/, known],
    [/^\/browser-profiles/, { profileSummaries: profiles }],
    [/^\/browsers/, { browserSummaries: [] }],
  ];
  standIn.answer(
    ({ path }): Recorded =>
      path === '/'
        ? callerIdentity('123456789012')
        : json(answers.find(([where]) => where.test(path))?.[1] ?? {}),
  );
  return standIn.requests;
}

const names = (requests: Captured[]) => requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);

const failure = (work: Promise<unknown>) =>
  work.then(
    () => expect.fail('it succeeded'),
    (error) => explain(error, { backend: 'aws' }).details,
  );

describeBrowser('a browser session on AWS', () => {
  test('is started, and driven over its signed automation stream, by the tool as on the engine', async () => {
    const requests = answer({ profiles: [{ profileId: 'work-a1B2c3D4e5', name: 'work', status: 'READY' }] });
    const egress = createEgress({ allowHosts: [], log: silentLog });
    const chromium = await browsers.start('stand-in', { viewPort: { width: 800, height: 600 }, egress });
    onTestFinished(() => chromium.close());
    standIn.onUpgrade(async ({ headers }, socket) => {
      const stream = await chromium.connect();
      const handshake = Object.entries(headers).filter(([name]) => /^(sec-|upgrade|connection)/.test(name));
      const lines = [`GET ${chromium.devtoolsPath} HTTP/1.1`, 'host: localhost'];
      stream.write(`${[...lines, ...handshake.map((pair) => pair.join(': '))].join('\r\n')}\r\n\r\n`);
      socket.pipe(stream).pipe(socket);
      for (const end of [socket, stream]) end.on('error', () => {});
    });

    const context = contextWith(['--backend', 'aws', '--region', 'eu-west-1', '--allow-writes']);
    const options = { profile: 'work' };
    const opened = await context.browsers.open('shop', signal, options);
    expect(opened).toMatchObject({ ...session, started: true });
    const steps = [{ action: 'evaluate', value: '6 * 7' }];
    const { structuredContent } = await runTool(context, 'browse', { session: sessionId, steps }, patient());
    expect(structuredContent).toMatchObject({
      session: sessionId,
      results: expect.stringContaining('42'),
      origin: 'aws, account 123456789012, eu-west-1',
    });

    const agentcore = requests.filter(({ path }) => path !== '/');
    expect(names(agentcore)).toEqual([
      'POST /browsers/aws.browser.v1/sessions/list',
      'POST /browsers',
      'POST /browser-profiles',
      'PUT /browsers/aws.browser.v1/sessions/start',
      'POST /browsers/aws.browser.v1/sessions/list',
      'POST /browsers',
      'GET /browsers/aws.browser.v1/sessions/get',
      `GET ${place}/automation`,
    ]);
    expect(JSON.parse(agentcore[3]?.body ?? '')).toMatchObject({
      name: 'shop',
      sessionTimeoutSeconds: 3600,
      profileConfiguration: { profileIdentifier: 'work-a1B2c3D4e5' },
    });
    const { headers } = agentcore.at(-1) ?? {};
    expect(headers?.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=ASIAEXAMPLEEXAMPLE00\/\d{8}\/eu-west-1\/bedrock-agentcore\/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    expect(headers).toMatchObject({
      host: new URL(standIn.url).host,
      'x-amz-date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
      'x-amz-security-token': 'not+a/real=token',
    });
  });
});

test('the stream of a session is at the address of the data plane, over TLS', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_BEDROCK_AGENTCORE', undefined);
  const { url, headers } = await signedAutomation(aws(), session);
  expect(url).toBe(`wss://bedrock-agentcore.eu-west-1.amazonaws.com${place}/automation`);
  expect(headers.host).toBe('bedrock-agentcore.eu-west-1.amazonaws.com');
});

test('a profile that is not there is named, with those that are', async () => {
  const requests = answer({ profiles: [{ profileId: 'work-a1B2c3D4e5', name: 'work', status: 'READY' }] });
  expect(await failure(sessions().open(undefined, signal, { profile: 'play' }))).toMatchObject({
    code: 'NotFound',
    message: 'There is no browser profile "play".',
    hint: expect.stringContaining('There are: work.'),
  });
  expect(names(requests)).toEqual(['POST /browser-profiles']);
});

test('a session that is there is taken with its own profile only', async () => {
  const [work, play] = ['work-a1B2c3D4e5', 'play-a1B2c3D4e5'].map((profileId) => ({
    profileId,
    status: 'READY',
  }));
  answer({
    profiles: [
      { ...work, name: 'work' },
      { ...play, name: 'play' },
    ],
  });
  const made = sessions();
  for (const profile of ['work', 'work-a1B2c3D4e5'])
    expect(await made.open(sessionId, signal, { profile })).toMatchObject({ id: sessionId, started: false });
  expect(await failure(made.open(sessionId, signal, { profile: 'play' }))).toMatchObject({
    code: 'OtherSettings',
    message: `The session ${sessionId} is there already, and it began with the profile work-a1B2c3D4e5.`,
  });
});

test('a person in control is not disturbed, and the link to the live view is signed for five minutes', async () => {
  const requests = answer({ streamStatus: 'DISABLED' });
  const { code, hint = '' } = await failure(sessions().automate(session, signal));
  expect(code).toBe('HandedOver');
  expect(hint).toContain('bedrock-agentcore:ConnectBrowserLiveViewStream');
  const link = new URL(/http\S+/.exec(hint)?.[0] ?? '');
  expect(link.origin + link.pathname).toBe(`${standIn.url}${place}/live-view`);
  expect(Object.fromEntries(link.searchParams)).toEqual({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': expect.stringMatching(
      /^ASIAEXAMPLEEXAMPLE00\/\d{8}\/eu-west-1\/bedrock-agentcore\/aws4_request$/,
    ),
    'X-Amz-Date': expect.stringMatching(/^\d{8}T\d{6}Z$/),
    'X-Amz-Expires': '300',
    'X-Amz-Security-Token': 'not+a/real=token',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(names(requests)).toEqual(['GET /browsers/aws.browser.v1/sessions/get']);
});

function refuse(socket: Duplex, status: number, message: string): void {
  const body = JSON.stringify({ message });
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.end(head + body);
}

test.each([
  [
    403,
    'User: arn:aws:iam::123456789012:user/ana is not authorized to perform: bedrock-agentcore:ConnectBrowserAutomationStream',
    {
      code: 'AccessDenied',
      hint: expect.stringMatching(/bedrock-agentcore:ConnectBrowserAutomationStream on/),
    },
  ],
  [
    403,
    'Forbidden',
    {
      code: 'AccessDenied',
      hint: expect.stringMatching(/bedrock-agentcore:ConnectBrowserAutomationStream on/),
    },
  ],
  [
    403,
    'The security token included in the request is expired',
    { code: 'CredentialsExpired', hint: expect.stringContaining('aws sso login') },
  ],
  [403, 'The request signature we calculated does not match', { code: 'CredentialsRejected' }],
  [429, 'Rate exceeded', { code: 'Throttling', retryable: true }],
  [500, 'Internal failure', { code: 'InternalServer', retryable: true }],
])('a stream that is refused with %i %s is told like any other call', async (status, message, told) => {
  const requests = answer();
  standIn.onUpgrade((_request, socket) => refuse(socket, status, message));
  const details = await failure(sessions().automate(session, signal));
  expect(details).toMatchObject({ foreign: message, ...told });
  expect(requests.filter(({ path }) => path.endsWith('/automation'))).toHaveLength(2);
});

test.each([
  ['TERMINATED', 409, 'It has run out of time.', 'It has run out of time.'],
  ['TERMINATED', 404, 'No such session', `Session ${sessionId} does not run`],
])('a session that has ended (%s, %i) is told as such', async (status, code, message, told) => {
  answer({ status });
  standIn.onUpgrade((_request, socket) => refuse(socket, code, message));
  expect(await failure(sessions().automate(session, signal))).toMatchObject({
    code: 'SessionEnded',
    message: expect.stringContaining(told),
  });
});

test('a stream that breaks before it is open is tried once more', async () => {
  const requests = answer();
  standIn.onUpgrade((_request, socket) => void socket.destroy());
  expect(await failure(sessions().automate(session, signal))).toMatchObject({
    code: 'BrowserNotReached',
    message: `The automation stream of session ${sessionId} did not open: socket hang up.`,
    retryable: true,
  });
  expect(requests.filter(({ path }) => path.endsWith('/automation'))).toHaveLength(2);
});

test('a stream that is never answered is not waited for longer than the caller wants', async () => {
  answer();
  const asked = Promise.withResolvers<void>();
  standIn.onUpgrade(() => asked.resolve());
  const aborted = new AbortController();
  const waiting = sessions().automate(session, aborted.signal);
  await asked.promise;
  aborted.abort();
  await expect(waiting).rejects.toThrow('aborted');
});
