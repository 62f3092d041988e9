import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Bench, type Section, say } from './bench.ts';
import { root } from './places.ts';
import { type Findings, section as sectionText } from './report.ts';

/** A script of package.json that measures. */
export interface BenchCommand {
  /** Of the script, and of its place in docs/performance.md. */
  name: string;
  /** Loaded one by one: a wrong argument is told at once. */
  sections: Readonly<Record<string, () => Promise<Section>>>;
}

const usage = ({
  name,
  sections,
}: BenchCommand) => `Usage: npm run ${name} -- [section ...] [--quick] [--write] [--json <file>]

Sections: ${Object.keys(sections).join(', ')}. Without any, all of them.
  --quick   a few seconds each, to see that they work; the figures mean nothing
  --write   put the figures into docs/performance.md
  --json    write the raw figures into a file`;

function refuse(command: BenchCommand, message: string): never {
  say(`${message}\n\n${usage(command)}`);
  process.exit(2);
}

function parse(command: BenchCommand) {
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
    return refuse(command, (error as Error).message);
  }
}

/** What is asked for; ends the process where that is help, or nonsense. */
function readArguments(command: BenchCommand) {
  const { values: options, positionals } = parse(command);
  if (options.help) {
    console.log(usage(command));
    process.exit();
  }
  const unknown = positionals.find((name) => !(name in command.sections));
  if (unknown !== undefined) refuse(command, `There is no section ${unknown}.`);
  if (options.write && (positionals.length > 0 || options.quick))
    refuse(command, '--write is for all sections in full: leave out section names and --quick.');
  return { options, positionals };
}

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

/** The findings; undefined when it failed, which it has said. */
async function runSection(
  name: string,
  section: Section,
  { quick }: { quick: boolean },
): Promise<Findings | undefined> {
  const begun = performance.now();
  say(`${name} ...`);
  running = new Bench({ quick });
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

/** Runs the sections that the arguments name and prints what they found; then the process ends. */
export async function runCommand(command: BenchCommand): Promise<never> {
  const { options, positionals } = readArguments(command);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);

  const found: Record<string, Findings & { title: string }> = {};
  for (const name of positionals.length > 0 ? positionals : Object.keys(command.sections)) {
    const section = (await command.sections[name]?.()) as Section;
    const findings = await runSection(name, section, options);
    // The interruption ends the process once everything has ended.
    if (interrupted) await new Promise(() => {});
    if (findings) found[name] = { title: section.title, ...findings };
  }

  const { machineLines } = await import('./machine.ts');
  const machine = await machineLines();
  const flags = [
    ...(options.quick ? ['--quick'] : []),
    ...(options.write ? ['--write'] : []),
    ...positionals,
  ];
  const ran = [`npm run ${command.name}`, ...(flags.length > 0 ? ['--', ...flags] : [])].join(' ');
  const text = [
    `Figures of \`${ran}\`.`,
    machine.map((line) => `- ${line}`).join('\n'),
    ...Object.values(found).map(({ title, ...findings }) => sectionText(title, findings)),
  ].join('\n\n');
  console.log(text);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ machine, sections: found }, null, 2)}\n`);
  if (options.write && process.exitCode === undefined) {
    const { between } = await import('../../scripts/docs/generate.ts');
    const file = join(root, 'docs', 'performance.md');
    writeFileSync(file, between(readFileSync(file, 'utf8'), command.name, text));
  }
  process.exit();
}
