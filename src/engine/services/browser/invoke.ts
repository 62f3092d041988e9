import type { BrowserAction, BrowserActionResult } from '@aws-sdk/client-bedrock-agentcore';
import { BrowserError, type ViewPort } from '../../browser/browser.ts';
import { CdpError } from '../../browser/cdp.ts';
import { type Button, Input, type Point } from '../../browser/input.ts';
import type { Watch } from '../../browser/watch.ts';
import { invalid } from '../exceptions.ts';

type Result = { status: 'SUCCESS' | 'FAILED'; error?: string; data?: Uint8Array };

/**
 * Does what InvokeBrowser asks, on the page that is in front. What the page does not take is a result that says FAILED.
 * @throws ValidationException for no action, and for a point outside of the view port.
 */
export async function perform(
  action: BrowserAction,
  watching: Promise<Watch>,
  viewPort: ViewPort,
): Promise<BrowserActionResult> {
  const [name = ''] = Object.keys(action).filter((member) => action[member as keyof BrowserAction]);
  const work = prepare(action, viewPort);
  return { [name]: await attempt(name, watching, work) } as unknown as BrowserActionResult;
}

const DIALOG = 'A dialog holds the page up. Press the key enter to accept it, or escape to dismiss it.';

/** Gives a picture where one was asked for. */
type Work = (input: Input, screenshot: () => Promise<Uint8Array>) => Promise<unknown>;

/** Checks an action before anything is done. */
function prepare(action: BrowserAction, viewPort: ViewPort): Work {
  const { mouseClick, mouseMove, mouseDrag, mouseScroll, keyType, keyPress, keyShortcut, screenshot } =
    action;
  const point = (member: string, x: number | undefined, y: number | undefined, names = ['x', 'y']): Point => {
    checkInside(`action.${member}.${names[0]}`, x, viewPort.width);
    checkInside(`action.${member}.${names[1]}`, y, viewPort.height);
    return { x: x ?? 0, y: y ?? 0 };
  };
  if (mouseClick) {
    const at = point('mouseClick', mouseClick.x, mouseClick.y);
    return (input) => input.click(at, buttonOf(mouseClick.button), mouseClick.clickCount ?? 1);
  }
  if (mouseMove) {
    const to = point('mouseMove', mouseMove.x, mouseMove.y);
    return (input) => input.move(to);
  }
  if (mouseDrag) {
    const from = point('mouseDrag', mouseDrag.startX, mouseDrag.startY, ['startX', 'startY']);
    const to = point('mouseDrag', mouseDrag.endX, mouseDrag.endY, ['endX', 'endY']);
    return (input) => input.drag(from, to, buttonOf(mouseDrag.button));
  }
  if (mouseScroll) {
    const at = point('mouseScroll', mouseScroll.x, mouseScroll.y);
    // On AWS negative values scroll down.
    return (input) => input.scroll(at, mouseScroll.deltaX ?? 0, -(mouseScroll.deltaY ?? 0));
  }
  if (keyType) return (input) => input.type(keyType.text ?? '');
  if (keyPress) return (input) => input.press(keyPress.key ?? '', keyPress.presses ?? 1);
  if (keyShortcut) return (input) => input.shortcut(keyShortcut.keys ?? []);
  if (screenshot) return (_, take) => take();
  throw invalid('action', 'Exactly one action is needed, e.g. screenshot.');
}

async function attempt(name: string, watching: Promise<Watch>, work: Work): Promise<Result> {
  try {
    const page = await (await watching).activePage();
    if (page.hasDialog && name !== 'keyPress') return { status: 'FAILED', error: DIALOG };
    const screenshot = async () => {
      const { data } = await page.send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    };
    const data = await work(new Input(page), screenshot);
    return { status: 'SUCCESS', ...(data instanceof Uint8Array && { data }) };
  } catch (error) {
    if (error instanceof CdpError || error instanceof BrowserError)
      return { status: 'FAILED', error: error.message };
    throw error;
  }
}

/** Facts: https://docs.aws.amazon.com/bedrock-agentcore/latest/devguide/browser-invoke.html */
function checkInside(member: string, value = 0, size: number): void {
  if (value > 1 && value < size - 2) return;
  throw invalid(member, `${value} is outside of the view port: it must be from 2 to ${size - 3}.`);
}

function buttonOf(button = 'LEFT'): Button {
  return button.toLowerCase() as Button;
}
