// Malformed requests against the wire:  npm run fuzz:wire -- [requests, default 100000] [seed]
import { fuzzWire } from './wire-run.ts';

const requests = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const began = performance.now();

console.log(`${requests} malformed requests, seed ${seed}`);
const { statuses, failures } = await fuzzWire(requests, seed, (done) => {
  if (done % 10_000 === 0) console.log(`  ${done}`);
});
for (const [status, count] of Object.entries(statuses)) {
  console.log(`${status === '0' ? 'closed' : status}: ${count}`);
}
for (const failure of failures) console.error(failure);
console.log(`${failures.length} failures in ${Math.round((performance.now() - began) / 1000)} s`);
process.exitCode = failures.length > 0 ? 1 : 0;
