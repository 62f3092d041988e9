import * as data from '@aws-sdk/client-bedrock-agentcore';
import * as control from '@aws-sdk/client-bedrock-agentcore-control';
import { type ErrorSchemas, errorsOf, type Operation, operationsOf, type Plane } from './schemas.ts';

export { type Operation, type Plane, requiredMembers } from './schemas.ts';

/**
 * Every operation of both planes of AgentCore by name, in the SDK's order, data plane first.
 *
 * Importing this module loads both AWS SDK clients (about 150 ms in a cold process) and nothing else: import it
 * dynamically where start-up time matters. No network, no HTTP server.
 */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [...operationsOf('data', data), ...operationsOf('control', control)].map((operation) => [
    operation.name,
    operation,
  ]),
);

/** The error structures of each plane; what both planes have is the same in both. */
export const modelledErrors: Readonly<Record<Plane, ErrorSchemas>> = {
  data: errorsOf(data),
  control: errorsOf(control),
};
