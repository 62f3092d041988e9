import { z } from 'zod';
import { serviceSettings } from '../config.ts';
import { exitTaken } from '../engine/process/spawn.ts';
import { findEngine, stopEngine } from '../engine/process.ts';
import { oneOf, toggle, UsageError, value, wholeNumber } from '../options.ts';
import { inShell, ownCommand } from '../platform/own-command.ts';
import { defaultDataDir } from '../platform/paths.ts';
import { defineCommand, say } from './command.ts';

const group = 'Engine';

export const command = defineCommand({
  options: z.object({
    port: value(wholeNumber(0, 65_535), {
      group,
      flagOnly: true,
      description: 'Port on 127.0.0.1; 0 takes a free one. Unset: the one this data directory had last.',
    }),
    tls: toggle({
      group,
      flagOnly: true,
      description:
        'Listen with TLS as well, for clients that insist on it, and print how they trust it. Its authority can vouch for this machine and hosts of AWS only.',
    }),
    tlsPort: value(wholeNumber(0, 65_535), {
      group,
      flagOnly: true,
      description: 'With --tls: port on 127.0.0.1, e.g. 443. As --port.',
    }),
    ephemeral: toggle({
      group,
      flagOnly: true,
      description:
        'Keep everything in a temporary folder that is removed at the end. Tests may move its clock, make its calls fail and reset it.',
    }),
    auth: value(oneOf(['sigv4', 'none']), {
      group,
      flagOnly: true,
      default: 'sigv4',
      description: '`none` lets in every program of this machine, but no web page. For test rigs.',
    }),
    stop: toggle({
      group,
      flagOnly: true,
      description: 'Stop the engine of the data directory instead, with its sessions.',
    }),
    ifIdle: toggle({
      group,
      flagOnly: true,
      description: 'With --stop: only when it has no sessions and tasks. Exit code 1 when it has.',
    }),
  }),

  /** @returns besides the codes of {@link runEngine}, 1 when --if-idle spared an engine. */
  async run({ config, options: { port, tls, tlsPort, ephemeral, auth, stop, ifIdle } }) {
    const { dataDir, logLevel } = config;
    if (ifIdle && !stop) throw new UsageError('--if-idle goes with --stop.');
    if (tlsPort !== undefined && !tls) throw new UsageError('--tls-port goes with --tls.');
    if (stop) return stopRunning(dataDir, ifIdle);
    const { runEngine } = await import('../engine/process/foreground.ts');
    const code = await runEngine({
      ...serviceSettings(config),
      dataDir: ephemeral ? undefined : dataDir,
      port,
      tls,
      tlsPort,
      auth,
      logLevel,
    });
    if (code === exitTaken) await nameTheOther(dataDir);
    return code;
  },
});

const countOf = (live: number) =>
  live === 0 ? 'no session' : live === 1 ? '1 session or task' : `${live} sessions and tasks`;

async function stopRunning(dataDir: string, ifIdle: boolean): Promise<number> {
  const found = await findEngine(dataDir);
  if (!found) {
    say(`No engine is running for ${dataDir}.`);
    return 0;
  }
  const engine = `The engine of ${dataDir} (pid ${found.pid})`;
  if (await stopEngine(dataDir, { ifIdle })) {
    say(`${engine} was stopped; it had ${countOf(found.live)}.`);
    return 0;
  }
  const left = await findEngine(dataDir);
  say(left ? `${engine} goes on: it has ${countOf(left.live)}.` : `${engine} has ended.`);
  return left ? 1 : 0;
}

async function nameTheOther(dataDir: string): Promise<void> {
  const found = await findEngine(dataDir);
  const flag = dataDir === defaultDataDir() ? '' : ` --data-dir ${inShell(dataDir)}`;
  if (found)
    say(`It is process ${found.pid} at ${found.url}. To stop it: ${ownCommand(`engine --stop${flag}`)}`);
}
