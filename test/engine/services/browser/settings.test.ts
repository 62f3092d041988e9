import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { GetBrowserSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { CreateBrowserCommand } from '@aws-sdk/client-bedrock-agentcore-control';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Authority } from '../../../../src/engine/process/tls/authority.ts';
import { describeBrowser } from '../../../support/browser.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import { zipOf } from '../runtime/control-zips.ts';
import { account, page, pagesBy, useBrowsers } from './support.ts';

const engine = useBrowsers();
const address = pagesBy(page('<p>direct</p>'));

/** Of the bars above a page, in pixels. */
const barsAbove = (tab: Page) => tab.evaluate('outerHeight - innerHeight') as Promise<number>;

const upload = (Key: string, Body: string | Buffer) =>
  engine.s3().send(new PutObjectCommand({ Bucket: 'settings', Key, Body }));
const at = (prefix: string) => ({ location: { s3: { bucket: 'settings', prefix } } });

/** An authority for localhost. */
const authority = () => new Authority(temporaryDir());
const pemOf = (by: Authority) => readFileSync(by.trust().caFile, 'utf8');

/** @returns its ARN. */
async function keep(Name: string, SecretString: string): Promise<string> {
  const { ARN = '' } = await engine.secrets().send(new CreateSecretCommand({ Name, SecretString }));
  return ARN;
}

beforeAll(async () => {
  await engine.s3().send(new CreateBucketCommand({ Bucket: 'settings' }));
  await upload('managed.json', JSON.stringify({ URLBlocklist: [`${address()}/closed`] }));
  await upload('recommended.json', JSON.stringify({ BookmarkBarEnabled: true }));
  await upload('list.json', '[]');
  await upload('text.json', '{');
  const manifest = (name: string) =>
    JSON.stringify({
      ...{ manifest_version: 3, name, version: '1' },
      content_scripts: [{ matches: ['<all_urls>'], js: ['mark.js'] }],
    });
  for (const name of ['one', 'two'])
    await upload(
      `${name}.zip`,
      await zipOf({
        'manifest.json': manifest(name),
        'mark.js': `document.documentElement.dataset.${name} = 1`,
      }),
    );
  await upload('nothing.zip', await zipOf({ 'folder/manifest.json': manifest('deep') }));
  await upload('noise.zip', 'noise');
});

describeBrowser('the settings of a session', () => {
  /** What came to the proxy, as it was asked. */
  const asked: string[] = [];
  const passwords = new Set<string | undefined>();
  const proxy = createServer(({ url = '', headers }, response) => {
    asked.push(url);
    passwords.add(headers['proxy-authorization']);
    request(`http://${address()}/`, (answer) => answer.pipe(response)).end();
  });
  proxy.on('connect', ({ url = '', headers }, socket) => {
    asked.push(url);
    passwords.add(headers['proxy-authorization']);
    const [, port] = address().split(':');
    const onward = connect(Number(port), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(onward).pipe(socket);
    });
    onward.on('error', () => socket.destroy());
  });
  beforeAll(() => void proxy.listen(0, '127.0.0.1'));
  afterAll(() => {
    proxy.close();
    proxy.closeAllConnections();
  });

  test('are in force, and given back also after the end', async () => {
    const { browserId = '' } = await engine.control().send(
      new CreateBrowserCommand({
        name: 'strict',
        networkConfiguration: { networkMode: 'PUBLIC' },
        enterprisePolicies: [{ ...at('managed.json'), type: 'MANAGED' }],
      }),
    );
    // What holds is what was there when the browser was made.
    await upload('managed.json', '{}');
    const secretArn = await keep('proxy', JSON.stringify({ username: 'me', password: 'pässword' }));
    const externalProxy = {
      credentials: { basicAuth: { secretArn } },
      server: 'localhost',
      port: (proxy.address() as AddressInfo).port,
      domainPatterns: ['.example.test', 'exact.test'],
    };
    const settings = {
      enterprisePolicies: [{ ...at('recommended.json'), type: 'RECOMMENDED' as const }],
      extensions: [at('one.zip'), at('two.zip')],
      proxyConfiguration: {
        proxies: [{ externalProxy }],
        bypass: { domainPatterns: ['direct.example.test'] },
      },
    };
    const session = await engine.open({ browserIdentifier: browserId, ...settings });
    const { page: tab, sessionId } = session;
    await tab.goto(`http://${address()}/`);
    expect(await tab.evaluate('({ ...document.documentElement.dataset })')).toEqual({ one: '1', two: '1' });
    const closed = await tab.context().newPage();
    await expect(closed.goto(`http://${address()}/closed`)).rejects.toThrow(/ERR_BLOCKED_BY_ADMINISTRATOR/);
    await closed.close();

    for (const host of ['shop.example.test', 'exact.test']) {
      await tab.goto(`http://${host}/path?x`);
      expect(await tab.textContent('p')).toBe('direct');
    }
    await tab.evaluate('new Promise((done) => (new WebSocket("ws://exact.test:81/").onerror = done))');
    expect(asked).toEqual(
      expect.arrayContaining([
        'http://shop.example.test/path?x',
        'http://exact.test/path?x',
        'exact.test:81',
      ]),
    );
    expect([...passwords]).toEqual([`Basic ${Buffer.from('me:pässword').toString('base64')}`]);
    for (const host of ['example.test', 'direct.example.test', 'not.exact.test']) {
      const answer = await tab.goto(`http://${host}/`);
      expect(await answer?.text()).toMatch(/has no address/);
    }

    const plain = await engine.open();
    expect((await barsAbove(tab)) - (await barsAbove(plain.page))).toBeGreaterThan(20);
    await plain.close();
    await session.close();
    const get = new GetBrowserSessionCommand({ browserIdentifier: browserId, sessionId });
    expect(await engine.data().send(get)).toMatchObject({ status: 'TERMINATED', ...settings });
  });
});

describeBrowser('certificates', () => {
  test('of browser and session are trusted', async () => {
    const [ours, theirs, nobodys] = [authority(), authority(), authority()];
    const site = async (by: Authority) => {
      const server = createTlsServer(by.identify(), page('<p>safe</p>'));
      onTestFinished(() => {
        server.close();
        server.closeAllConnections();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return `https://localhost:${(server.address() as AddressInfo).port}/`;
    };
    const secretAt = (secretArn: string) => [{ location: { secretsManager: { secretArn } } }];
    const { browserId } = await engine.control().send(
      new CreateBrowserCommand({
        name: 'trusting',
        networkConfiguration: { networkMode: 'PUBLIC' },
        certificates: secretAt(await keep('ours', `ours:\n${pemOf(ours)}`)),
      }),
    );
    const certificates = secretAt(await keep('theirs', pemOf(theirs)));
    const session = await engine.open({ browserIdentifier: browserId, certificates });
    for (const by of [ours, theirs]) {
      await session.page.goto(await site(by));
      expect(await session.page.textContent('p')).toBe('safe');
    }
    await expect(session.page.goto(await site(nobodys))).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
    await session.close();
  });
});

describe('a session is not started with', () => {
  const noSecret = `arn:aws:secretsmanager:us-east-1:${account}:secret:none-AbCdEf`;
  const manyPatterns = Array.from({ length: 100 }, (_, index) => `host${index}.test`);
  const external = (domainPatterns?: string[]) => ({
    externalProxy: { server: 'proxy.test', port: 1, ...(domainPatterns && { domainPatterns }) },
  });
  test.each<[string, Parameters<typeof engine.open>[0], string]>([
    [
      'a file of policies that is not there',
      { enterprisePolicies: [at('no.json')] },
      'enterprisePolicies.0.location.s3',
    ],
    ['policies that are no object', { enterprisePolicies: [at('list.json')] }, 'enterprisePolicies.0'],
    ['policies that are not JSON', { enterprisePolicies: [at('text.json')] }, 'enterprisePolicies.0'],
    [
      'policies of another name',
      { enterprisePolicies: [at('one.zip')] },
      'enterprisePolicies.0.location.s3.prefix',
    ],
    [
      'managed policies',
      { enterprisePolicies: [{ ...at('recommended.json'), type: 'MANAGED' }] },
      'enterprisePolicies.0.type',
    ],
    ['an extension without a manifest', { extensions: [at('one.zip'), at('nothing.zip')] }, 'extensions.1'],
    ['an extension that is no zip', { extensions: [at('noise.zip')] }, 'extensions.0'],
    [
      'two proxies for everything',
      { proxyConfiguration: { proxies: [external(), external()] } },
      'proxyConfiguration.proxies',
    ],
    [
      'a proxy whose secret is not there',
      {
        proxyConfiguration: {
          proxies: [
            {
              externalProxy: {
                server: 'proxy.test',
                port: 1,
                credentials: { basicAuth: { secretArn: noSecret } },
              },
            },
          ],
        },
      },
      'proxyConfiguration.proxies.0.externalProxy.credentials.basicAuth.secretArn',
    ],
    [
      'a certificate that is not there',
      { certificates: [{ location: { secretsManager: { secretArn: noSecret } } }] },
      'certificates.0.location.secretsManager.secretArn',
    ],
    [
      'too many patterns',
      { proxyConfiguration: { proxies: [external(manyPatterns)], bypass: { domainPatterns: ['one.test'] } } },
      'proxyConfiguration',
    ],
  ])('%s', async (_, input, name) => {
    await expect(engine.open(input)).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name }],
    });
  });
});
