// Browses with AgentCore's TypeScript SDK, as on AWS: Playwright over wss:// to AWS's own host. Prints what it saw.
import { Browser } from 'bedrock-agentcore/browser';
import { PlaywrightBrowser } from 'bedrock-agentcore/browser/playwright';

const [page] = process.argv.slice(2);
const seen = {};
const browser = new PlaywrightBrowser({ region: 'us-east-1' });
const { sessionId } = await browser.startSession({ viewport: { width: 1000, height: 700 }, timeout: 600 });
await browser.navigate({ url: page });
await browser.fill({ selector: 'input', value: 'Grüße, 世界' });
await browser.click({ selector: 'button' });
seen.heading = await browser.getText({ selector: 'h1' });
seen.typed = await browser.evaluate({ script: 'document.querySelector("input").value' });
seen.size = await browser.evaluate({ script: '[innerWidth, innerHeight]' });

const other = new Browser({ region: 'us-east-1' });
other.attachSession(sessionId);
const { status, streams, name } = await other.getSession();
seen.session = { status, name, automation: streams.automationStream.streamStatus };
seen.taken = (await other.updateBrowserStream({ streamStatus: 'DISABLED' })).streamStatus;
const { url, headers } = await other.generateWebSocketUrl();
const { chromium } = await import('playwright');
seen.refused = await chromium.connectOverCDP(url, { headers }).then(
  () => 'let in',
  (error) => /\b409\b/.exec(error.message)?.[0] ?? error.message,
);
seen.released = (await other.updateBrowserStream({ streamStatus: 'ENABLED' })).streamStatus;
const page_ = await fetch(await other.generateLiveViewUrl(), { headers: { 'sec-fetch-mode': 'navigate' } });
seen.liveView = [page_.status, page_.headers.get('content-type')];
await browser.stopSession();
seen.after = (await other.getSession({ sessionId })).status;
console.log(JSON.stringify(seen));
process.exit();
