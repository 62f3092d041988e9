// Benchmarks:  npm run bench -- [section ...] [--quick] [--write] [--json <file>]
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, type Section, say } from './harness/bench.ts';
import { root } from './harness/places.ts';
import { type Findings, section as sectionText } from './harness/report.ts';

/** Loaded one by one: a wrong argument is told at once. */
const sections: Readonly<Record<string, () => Promise<Section>>> = {
  start: async () => (await import('./sections/start.ts')).start,
  wire: async () => (await import('./sections/wire.ts')).wire,
  run_code: async () => (await import('./sections/run-code.ts')).runCode,
  sessions: async () => (await import('./sections/sessions.ts')).sessions,
  agents: async () => (await import('./sections/agents.ts')).agents,
  browse: async () => (await import('./sections/browse.ts')).browse,
  profile: async () => (await import('./sections/profile.ts')).profile,
};

const usage = `Usage: npm run bench -- [section ...] [--quick] [--write] [--json <file>]

Sections: ${Object.keys(sections).join(', ')}. Without any, all of them.
  --quick   a few seconds each, to see that they work; the figures mean nothing
  --write   put the figures into docs/performance.md
  --json    write the raw figures into a file`;

function refuse(message: string): never {
  say(`${message}\n\n${usage}`);
  process.exit(2);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        json: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

const { values: options, positionals } = readArguments();
if (options.help) {
  console.log(usage);
  process.exit();
}
const unknown = positionals.find((name) => !(name in sections));
if (unknown !== undefined) refuse(`There is no section ${unknown}.`);
if (options.write && (positionals.length > 0 || options.quick))
  refuse('--write is for all sections in full: leave out section names and --quick.');

let running: Bench | undefined;
let interrupted = false;

/** Under npm, Ctrl-C arrives twice. */
async function interrupt(): Promise<void> {
  if (interrupted) return;
  interrupted = true;
  say('Ending ...');
  await running?.end();
  process.exit(130);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);

/** The findings; undefined when it failed, which it has said. */
async function runSection(name: string, section: Section): Promise<Findings | undefined> {
  const begun = performance.now();
  say(`${name} ...`);
  running = new Bench({ quick: options.quick });
  try {
    return await section.run(running);
  } catch (error) {
    if (!interrupted) say(`${name} failed: ${(error as Error).stack}`);
    process.exitCode = 1;
  } finally {
    await running.end();
    say(`${name}: ${Math.round((performance.now() - begun) / 1000)} s`);
  }
}

const found: Record<string, Findings & { title: string }> = {};
for (const name of positionals.length > 0 ? positionals : Object.keys(sections)) {
  const section = (await sections[name]?.()) as Section;
  const findings = await runSection(name, section);
  // The interruption ends the process once everything has ended.
  if (interrupted) await new Promise(() => {});
  if (findings) found[name] = { title: section.title, ...findings };
}

const { machineLines } = await import('./harness/machine.ts');
const machine = await machineLines();
const flags = [...(options.quick ? ['--quick'] : []), ...(options.write ? ['--write'] : []), ...positionals];
const command = ['npm run bench', ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
const text = [
  `Figures of \`${command}\`.`,
  machine.map((line) => `- ${line}`).join('\n'),
  ...Object.values(found).map(({ title, ...findings }) => sectionText(title, findings)),
].join('\n\n');
console.log(text);
if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, sections: found }, null, 2)}\n`);
if (options.write && process.exitCode === undefined) {
  const { between } = await import('../scripts/docs/generate.ts');
  const file = join(root, 'docs', 'performance.md');
  writeFileSync(file, between(readFileSync(file, 'utf8'), 'bench', text));
}
process.exit();
