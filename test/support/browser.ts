import { SignatureV4 } from '@smithy/signature-v4';
import { type Browser, chromium } from 'playwright-core';
import { describe, onTestFinished } from 'vitest';
import { createBrowsers } from '../../src/engine/browser/sandboxed.ts';
import type { Engine } from '../../src/engine/index.ts';
import { sandboxes } from './sandbox.ts';
import { Sha256 } from './signed-http.ts';

export const browsers = createBrowsers({ sandboxes, spares: 0 });

const verdict = await browsers.probe();
if (!verdict.works) console.warn(`SKIPPED: tests that need a browser. ${verdict.reason}. ${verdict.cure}`);

/** A group of tests that needs browsers; skipped, with the reason on the console, where there can be none. */
export function describeBrowser(name: string, tests: () => void): void {
  describe.skipIf(!verdict.works)(name, tests);
}

const signerOf = (credentials: ReturnType<Engine['credentials']>) =>
  new SignatureV4({ service: 'bedrock-agentcore', region: 'us-east-1', credentials, sha256: Sha256 });

/** The headers that let a WebSocket in at an engine, made by the AWS signer. */
export async function signedHeaders(
  url: string,
  credentials: ReturnType<Engine['credentials']>,
): Promise<Record<string, string>> {
  const { host, hostname, pathname } = new URL(url);
  const { headers } = await signerOf(credentials).sign({
    method: 'GET',
    protocol: 'http:',
    hostname,
    path: pathname,
    headers: { host },
  });
  return headers;
}

/** A URL presigned by the AWS signer, as a live view is opened by it. */
export async function presigned(
  url: string,
  credentials: ReturnType<Engine['credentials']>,
): Promise<string> {
  const { protocol, host, hostname, pathname } = new URL(url);
  const request = { method: 'GET', protocol, hostname, path: pathname, headers: { host } };
  const { query = {} } = await signerOf(credentials).presign(request, { expiresIn: 300 });
  return `${url}?${new URLSearchParams(query as Record<string, string>)}`;
}

/** A client of Playwright over the automation stream of a session, which leaves after the test. */
export async function automated(url: string, engine: Pick<Engine, 'credentials'>): Promise<Browser> {
  const browser = await chromium.connectOverCDP(url, {
    headers: await signedHeaders(url, engine.credentials()),
  });
  onTestFinished(() => browser.close());
  return browser;
}
