import type { Locator, Page } from 'playwright-core';
import type { Limits } from './tab.ts';

/** Clients refuse larger images. */
const MAX_HEIGHT = 8_000;
const MAX_BYTES = 400 * 1024;
const QUALITIES = [80, 50, 25];

interface Shot extends Limits {
  /** The whole length of the page. */
  isFull: boolean;
  /** For a file; what is only shown is a JPEG that clients take. */
  isPng: boolean;
}

/** A picture of a page as one sees it, or of an element. */
export async function shot(
  what: Page | Locator,
  { isFull, isPng, timeout, signal }: Shot,
): Promise<{ type: string; content: Buffer }> {
  const common = { scale: 'css', animations: 'disabled', timeout, signal } as const;
  if (isPng) return { type: 'image/png', content: await what.screenshot(common) };
  const whole = isFull && 'viewportSize' in what ? await wholePage(what) : {};
  let content: Buffer = Buffer.alloc(0);
  for (const quality of QUALITIES) {
    content = await what.screenshot({ ...common, ...whole, type: 'jpeg', quality });
    if (content.length <= MAX_BYTES) break;
  }
  return { type: 'image/jpeg', content };
}

async function wholePage(page: Page) {
  const [width, height] = (await page.evaluate(
    '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
  )) as [number, number];
  return { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, MAX_HEIGHT) } };
}
