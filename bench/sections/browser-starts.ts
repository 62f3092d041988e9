import {
  type BedrockAgentCoreClient,
  StartBrowserSessionCommand,
  StopBrowserSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import type { Bench } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { dataClient, settle, startEngine } from '../harness/engine.ts';
import type { Row } from '../harness/report.ts';
import { byTurns, type Subject, timed } from '../harness/rounds.ts';
import { ratios } from '../harness/statistics.ts';

const COLD = 1.2;
const WARM_MS = 60;
const PACE_MS = 2_000;

/** Chromium as a person would launch it for a program, until DevTools has answered. */
function launchByHand(bench: Bench, chromium: string): Subject {
  let launched = 0;
  return async () => {
    const profile = bench.makeFolder(`profile-${launched++}`);
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0'];
    const begun = performance.now();
    const child = new Child(bench, [
      'sh',
      '-c',
      'exec "$0" "$@" 2>&1',
      chromium,
      ...flags,
      `--user-data-dir=${profile}`,
      'about:blank',
    ]);
    let url: string | undefined;
    while (!url) url = /DevTools listening on ws:(\/\/[^/]+)/.exec(await child.line())?.[1];
    await (await fetch(`http:${url}/json/version`)).json();
    const ms = performance.now() - begun;
    await child.end();
    return ms;
  };
}

/** A session of an engine until it is READY, which is once DevTools has answered; its end does not count. */
function startSession(client: BedrockAgentCoreClient): Subject {
  const browserIdentifier = 'aws.browser.v1';
  return async () => {
    let sessionId: string | undefined;
    const ms = await timed(async () => {
      ({ sessionId } = await client.send(new StartBrowserSessionCommand({ browserIdentifier })));
    });
    await client.send(new StopBrowserSessionCommand({ browserIdentifier, sessionId }));
    return ms;
  };
}

/** How long browser sessions take to start, cold and from a spare, beside a Chromium without an engine. */
export async function browserStarts(bench: Bench, chromium: string): Promise<Row[]> {
  const cold = dataClient(bench, await startEngine(bench, { name: 'cold', settings: { spares: 0 } }));
  const warm = dataClient(bench, await startEngine(bench, { name: 'warm' }));
  await startSession(warm)();
  await settle(bench);
  const times = await byTurns(
    { byHand: launchByHand(bench, chromium), cold: startSession(cold), warm: startSession(warm) },
    { ...bench.rounds(10), pauseMs: bench.pick(PACE_MS, 0) },
  );
  return [
    { what: 'Chromium launched by hand, until DevTools answers', values: times.byHand, unit: 'ms' },
    { what: 'StartBrowserSession, cold', values: times.cold, unit: 'ms' },
    {
      what: 'Cold session / launched by hand',
      values: ratios(times.cold, times.byHand),
      unit: '×',
      goal: { most: COLD },
    },
    {
      what: 'StartBrowserSession, from a spare',
      values: times.warm,
      unit: 'ms',
      goal: { most: WARM_MS },
    },
  ];
}
