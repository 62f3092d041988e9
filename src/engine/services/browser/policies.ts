import type { BrowserEnterprisePolicy } from '@aws-sdk/client-bedrock-agentcore';
import type { Scope } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { ObjectSource } from '../objects/objects.ts';
import { readText } from './uploads.ts';

const MB = 1024 ** 2;
/** AWS's limits: files of a browser or session, and the size of one. */
const MAX_FILES = 10;
const MAX_BYTES = 5 * MB;

/**
 * Reads and checks files of policies.
 * @param type What files may be here: MANAGED for a browser, RECOMMENDED for a session.
 * @returns their texts.
 * @throws ValidationException that names the file.
 */
export async function readPolicies(
  objects: ObjectSource,
  scope: Scope,
  policies: readonly BrowserEnterprisePolicy[] = [],
  type: 'MANAGED' | 'RECOMMENDED',
): Promise<string[]> {
  if (policies.length > MAX_FILES)
    throw invalid(
      'enterprisePolicies',
      `There are ${policies.length} files; at most ${MAX_FILES} are allowed.`,
    );
  return Promise.all(
    policies.map(async (policy, index) => {
      const member = `enterprisePolicies.${index}`;
      if (policy.type !== undefined && policy.type !== type)
        throw invalid(
          `${member}.type`,
          `${policy.type} policies are given where ${type === 'MANAGED' ? 'a session is started' : 'a browser is created'}; here they are ${type}.`,
        );
      const place = policy.location?.s3;
      if (!place?.prefix?.endsWith('.json'))
        throw invalid(`${member}.location.s3.prefix`, 'It must name a file whose name ends with .json.');
      const text = await readText(objects, scope, place, { member, what: 'policies', maxBytes: MAX_BYTES });
      checkPolicies(member, text);
      return text;
    }),
  );
}

function checkPolicies(member: string, text: string): void {
  let policies: unknown;
  try {
    policies = JSON.parse(text);
  } catch (error) {
    throw invalid(member, `The file of policies is not JSON: ${(error as Error).message}`);
  }
  if (policies === null || typeof policies !== 'object' || Array.isArray(policies))
    throw invalid(
      member,
      'The file of policies must be one JSON object, of values by the names of policies.',
    );
}
