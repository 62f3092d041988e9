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

/** The headers that let a WebSocket in at an engine, made by the AWS signer. */
export async function signedHeaders(
  url: string,
  credentials: ReturnType<Engine['credentials']>,
): Promise<Record<string, string>> {
  const { host, hostname, pathname } = new URL(url);
  const signer = new SignatureV4({
    service: 'bedrock-agentcore',
    region: 'us-east-1',
    credentials,
    sha256: Sha256,
  });
  const { headers } = await signer.sign({
    method: 'GET',
    protocol: 'http:',
    hostname,
    path: pathname,
    headers: { host },
  });
  return headers;
}

/** A client of Playwright over the automation stream of a session, which leaves after the test. */
export async function automated(url: string, engine: Pick<Engine, 'credentials'>): Promise<Browser> {
  const browser = await chromium.connectOverCDP(url, {
    headers: await signedHeaders(url, engine.credentials()),
  });
  onTestFinished(() => browser.close());
  return browser;
}
