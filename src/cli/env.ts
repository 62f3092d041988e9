import { z } from 'zod';
import { engineSettings } from '../config.ts';
import { defaultRegion, ensureEngine } from '../engine/process.ts';
import { endpointNames } from '../engine/service.ts';
import { oneOf, UsageError, value } from '../options.ts';
import { defineCommand, print, spoken } from './command.ts';

type Shell = 'sh' | 'fish' | 'powershell';

/** Set in a user's shell, these would win over the exports. */
const inTheWay = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'BEDROCK_AGENTCORE_DP_ENDPOINT',
  'BEDROCK_AGENTCORE_CP_ENDPOINT',
  'BEDROCK_AGENTCORE_CONTROL_ENDPOINT',
];

/** Set to true in a shell or in the default profile, these would send a client to AWS in spite of the exports. */
const off = {
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
  AWS_USE_FIPS_ENDPOINT: 'false',
  AWS_USE_DUALSTACK_ENDPOINT: 'false',
};

const quoted: Record<Shell, (text: string) => string> = {
  sh: (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  fish: (text) => `'${text.replaceAll(/['\\]/g, '\\$&')}'`,
  powershell: (text) => `'${text.replaceAll("'", "''")}'`,
};

const written: Record<Shell, { unset(name: string): string; set(name: string, text: string): string }> = {
  sh: { unset: (name) => `unset ${name}`, set: (name, text) => `export ${name}=${text}` },
  fish: { unset: (name) => `set -e ${name}`, set: (name, text) => `set -gx ${name} ${text}` },
  powershell: {
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
    set: (name, text) => `$env:${name} = ${text}`,
  },
};

/** A # begins a comment in every shell. At the end, as it would swallow what follows where lines were joined. */
const notes = (idleSeconds: number) => [
  `# The engine that env starts ends after ${spoken(idleSeconds)} without sessions and calls (--engine-idle); then run env again.`,
  '# The keys are for this engine only, but all AWS programs in this shell use them: other AWS services refuse them.',
];

/** Clients behind a proxy have to be told that loopback is not. */
function proxyExceptions(host: string, env: NodeJS.ProcessEnv): Record<string, string> {
  const proxied = ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'].some((name) => env[name]);
  const before = env.no_proxy || env.NO_PROXY || '';
  if (!proxied || before.split(',').some((entry) => entry.trim() === host)) return {};
  const exceptions = before ? `${before},${host}` : host;
  return { NO_PROXY: exceptions, no_proxy: exceptions };
}

export const command = defineCommand({
  options: z.object({
    shell: value(oneOf(['sh', 'fish', 'powershell']), {
      group: 'Env',
      default: 'sh',
      flagOnly: true,
      description: 'The shell to print for; sh is right for bash and zsh too.',
    }),
  }),

  async run({ config, options: { shell } }) {
    if (config.backend === 'aws')
      throw new UsageError(
        'env is for the local engine. With --backend aws the SDKs need nothing from here; leave it out.',
      );
    const engine = await ensureEngine(engineSettings(config));
    const { accessKeyId, secretAccessKey } = engine.credentials(config.account);
    const region = config.region ?? defaultRegion;
    const variables = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      ...Object.fromEntries(endpointNames.map((name) => [`AWS_ENDPOINT_URL_${name}`, engine.url])),
      ...off,
      ...proxyExceptions(new URL(engine.url).hostname, process.env),
    };
    const { unset, set } = written[shell];
    for (const name of inTheWay) print(unset(name));
    for (const [name, text] of Object.entries(variables)) print(set(name, quoted[shell](text)));
    for (const note of notes(config.engineIdle)) print(note);
    return 0;
  },
});
