import { z } from 'zod';
import { findAgent } from '../agentcore/agents/agents.ts';
import { errorsIn } from '../agentcore/agents/log-errors.ts';
import { type LogLine, type Logs, readLogs } from '../agentcore/agents/logs.ts';
import { agentSessionId } from '../agentcore/agents/names.ts';
import { ToolFailure } from '../failure.ts';
import { defineTool, foreign } from './define.ts';

const DEFAULT_LINES = 100;
const MAX_ERRORS = 20;
const unitMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const getLogs = defineTool({
  name: 'get_logs',
  title: 'Get logs',
  toolset: 'agents',
  kind: 'read',
  description: 'Show what an agent printed, errors first: why it fails.',
  cutCure: 'use filter, a shorter since or a smaller limit',
  input: z.strictObject({
    agent: z.string().min(1).describe('Name, id or ARN'),
    session: z.string().optional(),
    since: z.string().default('24h').describe('Or 10m, ISO 8601'),
    filter: z.string().min(1).optional(),
    qualifier: z.string().optional(),
    limit: z.int().min(1).max(1000).default(DEFAULT_LINES),
  }),
  output: z.object({
    errors: foreign(z.array(z.string()).optional()),
    lines: foreign(z.string().optional()),
    note: z.string(),
  }),
  async handle({ agent: handle, session, since, filter, qualifier, limit }, { context, signal }) {
    const from = timeOf(since);
    const { agentcore, pins } = context;
    const agent = await findAgent(agentcore, handle, { pins, signal });
    const logs = await readLogs(agentcore, agent, {
      qualifier: qualifier ?? agent.endpoint,
      session: session && agentSessionId(session),
      since: from,
      filter,
      signal,
    });
    const errors = errorsIn(logs.lines).slice(-MAX_ERRORS);
    const telling = filter ? logs.lines : logs.lines.filter(({ text }) => !healthCheck.test(text));
    const shown = telling.slice(-limit);
    const counts = { shown: shown.length, telling: telling.length, all: logs.lines.length };
    return {
      data: {
        errors: errors.map(
          ({ at, text, times }) => `${clock(at)} ${times > 1 ? `(${times} times) ` : ''}${text}`,
        ),
        lines: linesText(shown),
        note: noteOf(logs, counts, from),
      },
      region: agent.region,
    };
  },
});

/** Every few seconds the platform asks whether the agent is well, and servers like to say so. */
const healthCheck = /"GET \/ping HTTP\/[\d.]+" 200/;

function noteOf(
  { found, group, more }: Logs,
  { shown, telling, all }: { shown: number; telling: number; all: number },
  from: Date,
): string {
  if (!found)
    return `There is no log yet (${group}): nothing of this endpoint has run, or it printed nothing.`;
  const since = `since ${from.toISOString()}`;
  if (all === 0) return `No lines that fit ${since}; since: "7d" looks further back.`;
  const notes = [
    `${shown < telling ? `The last ${shown} of ${telling} lines` : shown === 1 ? '1 line' : `${shown} lines`} ${since}, newest last${all > telling ? `, without ${all - telling} about /ping` : ''}.`,
    'errors: the tracebacks and the lines with ERROR, CRITICAL or FATAL among them.',
    more && 'There are more: a shorter since or a filter reaches the newest.',
  ];
  return notes.filter(Boolean).join(' ');
}

const clock = (at: Date) => at.toISOString().slice(11, 23);

/** With the session of each line, where there are several. */
function linesText(lines: readonly LogLine[]): string | undefined {
  const several = new Set(lines.map(({ stream }) => stream)).size > 1;
  const session = (stream: string) => stream.slice(stream.lastIndexOf(']') + 1).slice(0, 12);
  const text = lines.map(
    (line) => `${clock(line.at)} ${several ? `[${session(line.stream)}] ` : ''}${line.text}`,
  );
  return text.join('\n') || undefined;
}

function timeOf(since: string): Date {
  const [, count, unit = ''] = /^(\d{1,6})\s*([smhd])$/.exec(since.trim()) ?? [];
  const at = count ? Date.now() - Number(count) * (unitMs[unit] ?? 0) : Date.parse(since);
  if (Number.isFinite(at)) return new Date(at);
  throw new ToolFailure({
    code: 'InvalidArgument',
    message: `get_logs: since is "${since.slice(0, 40)}", which is no time.`,
    hint: 'Give how long ago, such as 30s, 10m, 2h or 3d, or a time such as 2026-01-31T12:00:00Z.',
  });
}
