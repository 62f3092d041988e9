import type { ApiName } from '../service.ts';
import { apiForms, apiOfTarget, type RequestHead, signingNames } from './apis.ts';
import { queryPairs } from './canonical.ts';
import { parameter } from './claim.ts';
import { shown, WireError } from './errors.ts';

/** The service of S3's credential scopes. */
const S3 = 's3';

/**
 * Which API a request is for: that of its credential scope, before anybody has checked it. A request without one is for
 * AgentCore, unless its path or its headers are those of another API.
 *
 * @throws WireError 403 where the scope's service is none of ours.
 */
export function apiOf(head: RequestHead, query: string, { hasS3 }: { hasS3: boolean }): ApiName | 's3' {
  const service = claimedService(head, query);
  if (service === undefined) return unclaimed(head);
  if (hasS3 && service === S3) return 's3';
  const form = Object.values(apiForms).find(({ signingName }) => signingName === service);
  if (form) return form.name;
  const known = hasS3 ? [...signingNames, S3] : signingNames;
  throw new WireError(
    'InvalidSignatureException',
    403,
    `The credential is scoped to the service ${shown(service)}, which is not answered here; these are: ${known.join(', ')}.`,
  );
}

/** The service in `<access key id>/<YYYYMMDD>/<region>/<service>/aws4_request`. */
function claimedService({ headers }: RequestHead, query: string): string | undefined {
  const [authorization] = headers.get('authorization') ?? [];
  const credential =
    authorization === undefined
      ? presignedCredential(query)
      : /Credential=([^,\s]+)/.exec(authorization)?.[1];
  return credential?.split('/')[3] || undefined;
}

function presignedCredential(query: string): string | undefined {
  if (!query.includes('X-Amz-Credential')) return undefined;
  try {
    return parameter(queryPairs(query), 'X-Amz-Credential');
  } catch {
    return undefined;
  }
}

function unclaimed({ path, headers }: RequestHead): ApiName {
  const api = apiOfTarget(headers.get('x-amz-target')?.[0] ?? '');
  if (api) return api;
  return path.startsWith('/model/') ? 'bedrock' : 'agentcore';
}
