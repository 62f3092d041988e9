import { proxyEnvironment } from '../../egress/inside.ts';
import { endpointNames, engineInside } from '../../service.ts';
import { CODE, contracts } from './session-contract.ts';
import type { Target } from './target.ts';

const ENGINE = `http://${engineInside}`;

/** What an agent finds in its environment; its own variables win, also over those for reaching the engine. */
export function agentEnvironment(
  { scope, runtimeArn, config }: Target,
  { keys, port }: { keys: { accessKeyId: string; secretAccessKey: string }; port: number },
): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
    AWS_REGION: scope.region,
    AWS_DEFAULT_REGION: scope.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...Object.fromEntries(endpointNames.map((name) => [`AWS_ENDPOINT_URL_${name}`, ENGINE])),
    PORT: String(contracts[config.protocol].port),
    // Agents hand it out, so it is the one that leads here from everywhere.
    AGENTCORE_RUNTIME_URL: `http://127.0.0.1:${port}/runtimes/${encodeURIComponent(runtimeArn)}/invocations/`,
    ...proxyEnvironment,
    // What is said to the Python of code sessions, which agents find as well.
    PIP_NO_INDEX: '0',
    PYTHONPATH: CODE,
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    ...config.environment,
  };
}
