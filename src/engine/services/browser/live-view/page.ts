import { readFileSync } from 'node:fs';
import type { Page } from '../../../service.ts';

const folder = new URL('../../../../../src/engine/services/browser/live-view/page/', import.meta.url);
const scripts = ['screen.js', 'pointer.js', 'keyboard.js', 'connection.js', 'view.js'];

const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/**
 * The page of the live view, complete in itself.
 * @param ticket For its WebSocket, at the address of the page.
 */
export function liveViewPage(ticket: string): Page {
  return (nonce) => {
    const style = `<style nonce="${nonce}">\n${read('view.css')}</style>`;
    const script = scripts.map((name) => `<script nonce="${nonce}">\n${read(name)}</script>`).join('\n');
    return read('view.html')
      .replace('<!-- style -->', () => style)
      .replace('<!-- script -->', () => script)
      .replace('{{ticket}}', () => ticket);
  };
}
