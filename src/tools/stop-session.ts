import { z } from 'zod';
import { defineTool } from './define.ts';

export const stopSession = defineTool({
  name: 'stop_session',
  title: 'Stop session',
  toolset: 'core',
  kind: 'destructive',
  endsSessions: true,
  description:
    'End a code session and everything running in it. Its variables and files are lost; download what is needed first.',
  input: z.strictObject({
    session: z.string().max(200).describe('Id or label'),
  }),
  output: z.object({ stopped: z.string() }),
  async handle({ session }, { context, signal }) {
    return { data: { stopped: await context.sessions.stop(session, signal) } };
  },
});
