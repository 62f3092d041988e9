// Malformed requests against the wire, and some of them against the real services:  npm run fuzz:wire -- [requests, default 100000] [seed]
import { fuzzServices } from './services-run.ts';
import { fuzzWire } from './wire-run.ts';

const requests = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const began = performance.now();

console.log(`${requests} malformed requests, seed ${seed}`);
const served = await fuzzServices(Math.ceil(requests / 50), seed);
console.log('Real services:', served.statuses);
const { statuses, failures } = await fuzzWire(requests, seed, (done) => {
  if (done % 10_000 === 0) console.log(`  ${done}`);
});
for (const [status, count] of Object.entries(statuses)) {
  console.log(`${status === '0' ? 'closed' : status}: ${count}`);
}
failures.push(...served.failures);
for (const failure of failures) console.error(failure);
console.log(`${failures.length} failures in ${Math.round((performance.now() - began) / 1000)} s`);
process.exitCode = failures.length > 0 ? 1 : 0;
