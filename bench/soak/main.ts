// Sessions of code and of agents, started, used and ended for some time:  npm run soak -- [--minutes 10]
// Exit code 1 where something failed, was left behind, or grew.
import { parseArgs } from 'node:util';
import { say } from '../harness/bench.ts';
import { markdown, shown } from '../harness/report.ts';
import { soak } from './run.ts';
import { judge } from './verdict.ts';
import type { Sample } from './watch.ts';

const LINE_EVERY_SECONDS = 10;

function readMinutes(): number {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
  const minutes = Number(values.minutes);
  if (minutes > 0) return minutes;
  say(`--minutes must be a number above 0, not ${values.minutes}.`);
  process.exit(2);
}

let nextLine = 0;

function print(sample: Sample): void {
  if (sample.seconds < nextLine) return;
  nextLine = sample.seconds + LINE_EVERY_SECONDS;
  const { seconds, sessions, descriptors, treeProcesses, treeMounts, machineProcesses, machineMounts } =
    sample;
  const mib = (value: number) => shown(value, 'MiB');
  console.log(
    [
      `${Math.round(seconds)} s: ${sessions} sessions`,
      `engine RSS ${mib(sample.engineRss)}, PSS ${mib(sample.enginePss)}; tree PSS ${mib(sample.treePss)}`,
      `${descriptors} descriptors`,
      `processes ${treeProcesses} of ${machineProcesses}, mounts ${treeMounts}, of the machine ${machineMounts}`,
      `disk ${mib(sample.disk)}`,
    ].join('; '),
  );
}

const minutes = readMinutes();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!interrupted.signal.aborted) say('Ending; sessions that run are finished first.');
    interrupted.abort();
  });

const { samples, failures, sessions } = await soak({
  seconds: minutes * 60,
  signal: interrupted.signal,
  progress: print,
});
console.log(`\n${sessions} sessions, ${failures.length} failures.`);
for (const failure of failures) console.log(failure);
let flat = true;
if (samples.length >= 4) {
  const verdict = judge(samples);
  flat = verdict.flat;
  console.log(`\n${markdown(verdict.table)}\n\n${flat ? 'Flat.' : 'Not flat: something grows.'}`);
}
if (interrupted.signal.aborted) console.log('It was interrupted, so the verdict is of the time until then.');
process.exit(flat && failures.length === 0 ? 0 : 1);
