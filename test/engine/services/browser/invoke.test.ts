import { type BrowserAction, InvokeBrowserCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeBrowser } from '../../../support/browser.ts';
import { until } from '../../../support/engine.ts';
import { browserIdentifier, type Opened, page, pagesBy, useBrowsers } from './support.ts';

const address = pagesBy(
  page(`<style>body { margin: 0; height: 5000px } #field { position: absolute; left: 20px; top: 20px }
    #drag { position: absolute; left: 20px; top: 100px; width: 50px; height: 50px; background: red }
    #drop { position: absolute; left: 200px; top: 100px; width: 50px; height: 50px; background: blue }</style>
    <input id=field><div id=drag draggable=true></div><div id=drop></div>
    <script>
      const seen = (window.seen = []);
      for (const type of ['click', 'dblclick', 'contextmenu', 'auxclick', 'drop', 'mousemove'])
        addEventListener(type, (event) => seen.push([type, event.button, event.clientX, event.clientY]));
      addEventListener('dragover', (event) => event.preventDefault());
      addEventListener('keydown', (event) => seen.push(['key', event.key, event.ctrlKey]));
    </script>`),
);

describeBrowser('an action of the operating system', () => {
  const viewPort = { width: 640, height: 480 };
  const engine = useBrowsers();
  let session: Opened;
  let driven: Page;

  beforeAll(async () => {
    session = await engine.open({ viewPort });
    driven = session.page;
    await driven.goto(`http://${address()}/`);
  });
  afterAll(() => session.close());

  const invoke = async (action: BrowserAction) => {
    const { sessionId } = session;
    const answer = await engine
      .data()
      .send(new InvokeBrowserCommand({ browserIdentifier, sessionId, action }));
    expect(answer.sessionId).toBe(sessionId);
    return Object.values(answer.result ?? {})[0] as { status: string; error?: string; data?: Uint8Array };
  };
  const seen = () => driven.evaluate('seen.splice(0)');
  const succeeded = { status: 'SUCCESS' };

  test('moves and clicks the mouse', async () => {
    expect(await invoke({ mouseMove: { x: 300, y: 300 } })).toEqual(succeeded);
    expect(await seen()).toContainEqual(['mousemove', 0, 300, 300]);
    await invoke({ mouseClick: { x: 301, y: 302, clickCount: 2 } });
    expect(await seen()).toEqual(
      expect.arrayContaining([
        ['click', 0, 301, 302],
        ['dblclick', 0, 301, 302],
      ]),
    );
    await invoke({ mouseClick: { x: 300, y: 300, button: 'MIDDLE' } });
    expect(await seen()).toContainEqual(['auxclick', 1, 300, 300]);
  });

  test('drags what can be dragged', async () => {
    expect(await invoke({ mouseDrag: { startX: 40, startY: 120, endX: 220, endY: 120 } })).toEqual(succeeded);
    expect(await seen()).toContainEqual(['drop', 0, 220, 120]);
  });

  test('types, presses keys and combines them', async () => {
    const value = () => driven.inputValue('#field');
    await invoke({ mouseClick: { x: 40, y: 30 } });
    await invoke({ keyType: { text: 'Hällo, "Wörld" {1}~' } });
    expect(await value()).toBe('Hllo, "Wrld" {1}~');
    await invoke({ keyPress: { key: 'backspace', presses: 3 } });
    expect(await value()).toBe('Hllo, "Wrld" {');
    await invoke({ keyShortcut: { keys: ['ctrl', 'a'] } });
    await invoke({ keyShortcut: { keys: ['shift', 'b'] } });
    expect(await value()).toBe('B');
    await seen();
    expect(await invoke({ keyPress: { key: 'nosuchkey' } })).toEqual(succeeded);
    expect(await seen()).toEqual([]);
  });

  test('scrolls down with a negative delta, and back', async () => {
    await invoke({ mouseScroll: { x: 300, y: 300, deltaY: -500 } });
    await until(async () => (await driven.evaluate('scrollY')) === 500);
    await invoke({ mouseScroll: { x: 300, y: 300, deltaY: 500 } });
    await until(async () => (await driven.evaluate('scrollY')) === 0);
  });

  test('takes a picture of the view port', async () => {
    const { status, data } = await invoke({ screenshot: {} });
    expect(status).toBe('SUCCESS');
    const png = Buffer.from(data ?? []);
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([viewPort.width, viewPort.height]);
  });

  test('answers a dialog that holds the page up', async () => {
    // Who listens for dialogs leaves them to others.
    const opened = new Promise((resolve) => driven.once('dialog', resolve));
    const answer = driven.evaluate('confirm("Sure?")');
    await opened;
    for (const action of [{ screenshot: {} }, { keyType: { text: 'x' } }])
      expect(await invoke(action)).toEqual({ status: 'FAILED', error: expect.stringMatching(/dialog/) });
    expect(await invoke({ keyPress: { key: 'enter' } })).toEqual(succeeded);
    expect(await answer).toBe(true);
  });

  test('goes to the page in front', async () => {
    const second = await driven.context().newPage();
    await second.goto(`http://${address()}/`);
    await invoke({ mouseClick: { x: 300, y: 300 } });
    expect(await second.evaluate('seen')).toContainEqual(['click', 0, 300, 300]);
    await second.close();
    await invoke({ mouseClick: { x: 300, y: 300 } });
    expect(await seen()).toContainEqual(['click', 0, 300, 300]);
  });

  test.each<[string, BrowserAction, string]>([
    ['on the edge', { mouseMove: { x: 1, y: 10 } }, 'action.mouseMove.x'],
    ['beyond it', { mouseDrag: { startX: 10, startY: 10, endX: 10, endY: 478 } }, 'action.mouseDrag.endY'],
  ])('is refused %s', async (_, action, name) => {
    await expect(invoke(action)).rejects.toMatchObject({
      name: 'ValidationException',
      fieldList: [{ name }],
    });
  });

  test('needs a session that runs', async () => {
    const lost = engine
      .data()
      .send(new InvokeBrowserCommand({ browserIdentifier, sessionId: 'none', action: { screenshot: {} } }));
    await expect(lost).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});
