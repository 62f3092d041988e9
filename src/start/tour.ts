import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { programVersion } from '../engine/version.ts';

type Data = Readonly<Record<string, unknown>>;

interface Step {
  title: string;
  tool: string;
  args: Data & { code?: string; download?: string[] };
  /** What of the answer is shown. */
  show: readonly string[];
  /** Must be in the answer. */
  expect: string;
}

const session = 'tour';

const steps: readonly Step[] = [
  {
    title: 'What works here',
    tool: 'get_status',
    args: {},
    show: ['backend', 'account', 'region', 'writes', 'engine', 'workspace', 'problems'],
    expect: 'backend',
  },
  {
    title: 'A computation, in a sandbox',
    tool: 'run_code',
    args: { session, code: 'sum(n ** 2 for n in range(1, 1001))' },
    show: ['stdout'],
    expect: '333833500',
  },
  {
    title: 'A table, with pandas',
    tool: 'run_code',
    args: {
      session,
      code: [
        'import pandas as pd',
        "sales = pd.DataFrame({'city': ['Köln', 'Lagos', 'Osaka'], 'spring': [12, 30, 25], 'summer': [18, 27, 31]})",
        "sales['growth %'] = ((sales.summer / sales.spring - 1) * 100).round(1)",
        'sales',
      ].join('\n'),
    },
    show: ['stdout'],
    expect: 'Köln',
  },
  {
    title: 'A plot of it, saved where you can open it (the variables are still there)',
    tool: 'run_code',
    args: {
      session,
      code: [
        "import os; os.makedirs('tour', exist_ok=True)",
        "plot = sales.plot.bar(x='city', y=['spring', 'summer'], rot=0, title='Sales')",
        "plot.figure.savefig('tour/sales.png')",
      ].join('\n'),
      download: ['tour/sales.png'],
    },
    show: ['downloaded'],
    expect: 'tour/sales.png',
  },
  {
    title: 'A file out, from the shell of the same session',
    tool: 'run_code',
    args: {
      session,
      language: 'shell',
      code: 'echo "made in the sandbox by $(id -un), who sees: $(ls /home)" | tee tour/note.txt',
      download: ['tour/note.txt'],
    },
    show: ['stdout', 'downloaded'],
    expect: 'tour/note.txt',
  },
  {
    title: 'The session ends; nothing of it is left',
    tool: 'stop_session',
    args: { session },
    show: ['stopped'],
    expect: 'stopped',
  },
];

export interface TourOptions {
  url: string;
  token: string | undefined;
  /** The folder that downloads arrive in. */
  workspace: string;
  /** Takes one line of the report. */
  print(line: string): void;
}

/**
 * Uses the server at an endpoint as an MCP client does, printing each call and its answer.
 * @returns whether every step did what it should; the tour ends with the first that does not.
 */
export async function takeTour({ url, token, workspace, print }: TourOptions): Promise<boolean> {
  const { Client, StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client');
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const client = new Client({ name: 'agentcore-mcp-tour', version: programVersion });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  try {
    for (const [index, step] of steps.entries()) {
      print(`\n${index + 1}. ${step.title}`);
      for (const line of callLines(step)) print(`   ${line}`);
      const result = await client.callTool({ name: step.tool, arguments: { ...step.args } });
      for (const line of answerLines(step, result)) print(`     ${line}`);
      const problem = problemOf(step, result, workspace);
      if (problem) {
        print(`\nThe tour ends here: ${problem}`);
        return false;
      }
    }
    print(`\nAll ${steps.length} steps worked.`);
    return true;
  } finally {
    await client.close();
  }
}

function callLines({ tool, args: { code, ...args } }: Step): string[] {
  const call = Object.keys(args).length > 0 ? `${tool} ${JSON.stringify(args)}` : tool;
  return [call, ...(code?.split('\n').map((line) => `| ${line}`) ?? [])];
}

function answerLines({ show }: Step, { structuredContent = {} }: CallToolResult): string[] {
  const data = structuredContent as Data;
  return show.flatMap((key) => {
    const shown = data[key];
    if (key === 'stdout')
      return String(shown ?? '')
        .trimEnd()
        .split('\n');
    if (key === 'downloaded' && Array.isArray(shown)) return shown.map((path) => `saved: ${path}`);
    if (shown === undefined || (Array.isArray(shown) && shown.length === 0)) return [];
    return [`${key}: ${Array.isArray(shown) ? shown.join('; ') : shown}`];
  });
}

/** Why a step did not do what it should. */
function problemOf({ expect, args }: Step, result: CallToolResult, workspace: string): string | undefined {
  const data = (result.structuredContent ?? {}) as Data;
  if (result.isError) return [data.message, data.hint].filter(Boolean).join(' ');
  if (data.exit_code) return `the code ended with exit code ${data.exit_code}: ${data.stderr}`;
  if (!JSON.stringify(data).includes(expect))
    return `the answer does not have "${expect}": ${JSON.stringify(data)}`;
  const absent = args.download?.find(
    (path) => !statSync(join(workspace, path), { throwIfNoEntry: false })?.size,
  );
  return absent && `${absent} did not arrive in ${workspace}`;
}
