import { ToolFailure } from '../../failure.ts';
import { keepSecret } from '../../secrets.ts';
import type { Workspace } from '../workspace.ts';

/** AgentCore's own limits. */
const MAX_VARIABLES = 50;
const MAX_VALUE_BYTES = 5_000;

/** The server's own keys are not for agents; these get their own, from the engine or the execution role. */
const withheld =
  /^(?:AWS_(?:ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|SECURITY_TOKEN|CONTAINER_AUTHORIZATION_TOKEN|BEARER_TOKEN_.*)|AGENTCORE_MCP_.*)$/i;

/**
 * An agent's environment: what it has already, with the given entries put in. An entry is `NAME`, whose value comes from
 * the server's own environment, `NAME=file:path` for the content of a file of the workspace, `NAME=value`, or `NAME=` to
 * take the variable away. What was given by reference is hidden from then on, wherever it turns up.
 * @throws ToolFailure `Environment` naming the entry, never a value.
 */
export async function environmentOf(
  entries: readonly string[],
  present: Readonly<Record<string, string>>,
  { workspace, env }: { workspace: Workspace; env: NodeJS.ProcessEnv },
): Promise<Record<string, string>> {
  const variables = new Map(Object.entries(present));
  for (const entry of entries) {
    const [, name = '', , value] = /^([^=]*)(=(.*))?$/s.exec(entry) ?? [];
    if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name))
      throw wrong(`"${name.slice(0, 40)}" is no name of a variable`);
    if (value === '') {
      variables.delete(name);
      continue;
    }
    const set = await valueFor(name, value, { workspace, env });
    if (Buffer.byteLength(set) > MAX_VALUE_BYTES)
      throw wrong(`the value of ${name} is longer than ${MAX_VALUE_BYTES} bytes`);
    variables.set(name, set);
  }
  if (variables.size > MAX_VARIABLES) throw wrong(`an agent has at most ${MAX_VARIABLES} variables`);
  return Object.fromEntries(variables);
}

async function valueFor(
  name: string,
  given: string | undefined,
  { workspace, env }: { workspace: Workspace; env: NodeJS.ProcessEnv },
): Promise<string> {
  if (given !== undefined && !given.startsWith('file:')) return given;
  let value: string | undefined;
  if (given === undefined) {
    if (withheld.test(name)) throw wrong(`${name} is the server's own and not handed on`);
    value = env[name];
    if (!value) throw wrong(`the server's environment has no ${name}`);
  } else {
    value = (await workspace.read(given.slice('file:'.length), MAX_VALUE_BYTES)).toString().trim();
  }
  keepSecret(value);
  return value;
}

function wrong(problem: string): ToolFailure {
  return new ToolFailure({
    code: 'Environment',
    message: `env: ${problem}.`,
    hint: 'Entries are NAME (taken from the environment of the server), NAME=file:<workspace file>, or NAME=value for what is no secret.',
  });
}
