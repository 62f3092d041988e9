// Malformed MCP messages, over stdio and HTTP:  npm run fuzz:mcp -- [messages, default 10000] [seed]
import { type FuzzResult, fuzzHttp, fuzzStdio } from './mcp-run.ts';

const messages = Number(process.argv[2] ?? 10_000);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const began = performance.now();
const progress = (done: number) => void (done % 2500 === 0 && console.log(`  ${done}`));
const third = Math.ceil(messages / 3);

console.log(`${messages} malformed messages, seed ${seed}`);
let failed = 0;
async function report(name: string, run: Promise<FuzzResult>): Promise<void> {
  const { answers, failures } = await run;
  console.log(`${name}: ${JSON.stringify(answers)}`);
  for (const failure of failures) console.error(failure);
  failed += failures.length;
}
await report('stdio, 2025-11-25', fuzzStdio(third, seed, 'legacy', progress));
await report('stdio, 2026-07-28', fuzzStdio(third, seed, 'modern', progress));
await report('HTTP', fuzzHttp(third, seed, progress));
console.log(`${failed} failures in ${Math.round((performance.now() - began) / 1000)} s`);
process.exitCode = failed > 0 ? 1 : 0;
