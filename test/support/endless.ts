import { z } from 'zod';
import { defineTool } from '../../src/tools/define.ts';

/** The calls of `endless` that nobody has cancelled yet. */
export const running = new Set<AbortSignal>();

/** A tool that ends only when it is cancelled. */
export const endless = defineTool({
  name: 'endless',
  title: 'Endless',
  toolset: 'core',
  kind: 'execute',
  long: true,
  description: 'Never ends.',
  input: z.strictObject({ padding: z.string().optional() }),
  output: z.object({}),
  handle: (_args, { signal }) => {
    running.add(signal);
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        running.delete(signal);
        reject(signal.reason);
      });
    });
  },
});

/** A call of `endless` as it stands in a request. */
export function callEndless(id = 7, more = {}): string {
  const params = { name: 'endless', arguments: more };
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
}
