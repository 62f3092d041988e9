import { join } from 'node:path';
import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import type { Bench, Section } from '../harness/bench.ts';
import { Child } from '../harness/child.ts';
import { nodePeers, pinnedVersion, pythonPeers } from '../harness/peers.ts';
import { cli, program } from '../harness/places.ts';
import { type Row, shown } from '../harness/report.ts';
import { byTurns, type Subject } from '../harness/rounds.ts';
import { median, ratios } from '../harness/statistics.ts';

const AWS_LABS = 'awslabs.amazon-bedrock-agentcore-mcp-server';
const PLAYWRIGHT = '@playwright/mcp';

interface Server {
  name: string;
  command: readonly string[];
  /** Of our median start by its own. */
  most: number;
}

interface Answer {
  id: number;
  result?: { tools?: unknown[]; nextCursor?: string };
}

/** The tools of a server, each page of the list, and the time from its start to the last answer. */
async function listTools(
  bench: Bench,
  command: readonly string[],
): Promise<{ ms: number; tools: unknown[] }> {
  const begun = performance.now();
  const server = new Child(bench, command, { cwd: bench.folder });
  const ask = async (id: number, method: string, params: object) => {
    server.send({ jsonrpc: '2.0', id, method, params });
    for (;;) {
      const answer = await server.message<Answer>('id');
      if (answer.id === id && answer.result) return answer.result;
    }
  };
  const clientInfo = { name: 'bench', version: '1.0.0' };
  await ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  server.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  const tools: unknown[] = [];
  let cursor: string | undefined;
  let id = 2;
  do {
    const page = await ask(id++, 'tools/list', cursor ? { cursor } : {});
    tools.push(...(page.tools ?? []));
    cursor = page.nextCursor;
  } while (cursor);
  const ms = performance.now() - begun;
  await server.end('SIGKILL');
  return { ms, tools };
}

function peers(quick: boolean): { servers: Server[]; notes: string[] } {
  const servers: Server[] = [];
  const notes: string[] = [];
  const add = (name: string, peer: ReturnType<typeof nodePeers>, command: (folder: string) => string[]) => {
    if ('missing' in peer) notes.push(`${name} is not compared: ${peer.missing}.`);
    else servers.push({ name: `${name} ${pinnedVersion(name)}`, command: command(peer.folder), most: 1 });
  };
  add(PLAYWRIGHT, nodePeers({ quick }), (folder) => [
    process.execPath,
    join(folder, 'node_modules', PLAYWRIGHT, 'cli.js'),
  ]);
  add(AWS_LABS, pythonPeers({ quick }), (folder) => [join(folder, 'bin', AWS_LABS)]);
  return { servers, notes };
}

export const start: Section = {
  title: 'Cold start and the size of the tool list',

  async run(bench) {
    const { servers: others, notes } = peers(bench.quick);
    const data = join(bench.folder, 'data');
    const own = { name: 'agentcore-mcp', command: [process.execPath, cli, '--data-dir', data] };
    const bare = {
      name: 'bare SDK server',
      command: [process.execPath, program('bare-server.mjs')],
      most: 1.3,
    };
    const lists = new Map<string, unknown[]>();
    const subject =
      ({ name, command }: Pick<Server, 'name' | 'command'>): Subject =>
      async () => {
        const { ms, tools } = await listTools(bench, command);
        lists.set(name, tools);
        return ms;
      };
    const all = [own, bare, ...others];
    const times = await byTurns(
      Object.fromEntries(all.map((server) => [server.name, subject(server)])),
      bench.rounds(11),
    );
    const rows: Row[] = all.map(({ name }) => ({
      what: `${name}: start to tools/list`,
      values: times[name] ?? [],
      unit: 'ms',
    }));
    for (const { name, most } of [bare, ...others])
      rows.push({
        what: `agentcore-mcp / ${name}`,
        values: ratios(times[own.name] ?? [], times[name] ?? []),
        unit: '×',
        goal: { most },
      });
    const encoder = new Tiktoken(ranks);
    const sizes = all.map(({ name }) => {
      const tools = lists.get(name) ?? [];
      const tokens = encoder.encode(JSON.stringify({ tools })).length;
      return [
        name,
        String(tools.length),
        tokens.toLocaleString('en'),
        shown(median(times[name] ?? []), 'ms'),
      ];
    });
    return {
      rows,
      tables: [{ head: ['Server', 'Tools', 'Tokens of tools/list (cl100k)', 'Start'], rows: sizes }],
      notes: [
        'From spawning the program to the answer of `tools/list` over stdio, each time a new process.',
        ...notes,
      ],
    };
  },
};
