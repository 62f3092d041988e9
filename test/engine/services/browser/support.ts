import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  StartBrowserSessionCommand,
  type StartBrowserSessionCommandInput,
  StopBrowserSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';
import type { Engine, EngineOptions } from '../../../../src/engine/index.ts';
import { signedHeaders } from '../../../support/browser.ts';
import { useEngine } from '../code-interpreter/support.ts';

export const browserIdentifier = 'aws.browser.v1';
export const account = '123456789012';

/** A session, and its first page as Playwright has it. */
export interface Opened {
  sessionId: string;
  page: Page;
  close(): Promise<void>;
}

/** An engine for all tests of a file, whose browsers reach loopback, with clients of one account. */
export function useBrowsers(options: EngineOptions = {}) {
  const engine = useEngine({ browser: { allowHosts: ['127.0.0.1', 'localhost'] }, ...options });
  const config = () => engine.config(account);
  const data = () => engine.client(account);
  return {
    config,
    data,
    control: () => new BedrockAgentCoreControlClient(config()),
    s3: () => new S3Client({ ...config(), forcePathStyle: true } as S3ClientConfig),

    async open(input: Partial<StartBrowserSessionCommandInput> = {}): Promise<Opened> {
      const at = { browserIdentifier, ...input };
      const { sessionId = '', streams } = await data().send(new StartBrowserSessionCommand(at));
      const url = streams?.automationStream?.streamEndpoint ?? '';
      const credentials = config().credentials as ReturnType<Engine['credentials']>;
      const client = await chromium.connectOverCDP(url, { headers: await signedHeaders(url, credentials) });
      const close = async () => {
        await client.close();
        const { browserIdentifier } = at;
        await data().send(new StopBrowserSessionCommand({ browserIdentifier, sessionId }));
      };
      return { sessionId, page: client.contexts()[0]?.pages()[0] as Page, close };
    },
  };
}

/** A web server on loopback for all tests of a file. @returns what gives its `host:port`. */
export function pagesBy(answer: RequestListener): () => string {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return () => `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers every request with a page. */
export function page(html: string): RequestListener {
  return (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  };
}
