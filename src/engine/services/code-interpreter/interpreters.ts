import type { OutputOf } from '../../service.ts';
import { notFound } from '../exceptions.ts';

/** The interpreter that every account has. Facts: AgentCore's own GetCodeInterpreter answer. */
export const systemInterpreter = 'aws.codeinterpreter.v1';

const created = new Date('2025-07-16T00:00:00Z');

/** Describes the system interpreter as GetCodeInterpreter does. */
export function describeInterpreter(id: string, region: string): OutputOf<'GetCodeInterpreter'> {
  return {
    codeInterpreterId: resolveInterpreter(id),
    codeInterpreterArn: `arn:aws:bedrock-agentcore:${region}:aws:code-interpreter/${systemInterpreter}`,
    name: 'Amazon Bedrock AgentCore Code Interpreter',
    description: 'AWS built-in code interpreter for secure code execution',
    networkConfiguration: { networkMode: 'SANDBOX' },
    status: 'READY',
    createdAt: created,
    lastUpdatedAt: created,
  };
}

/** The id behind an id or ARN. @throws ResourceNotFoundException for an interpreter that does not exist. */
export function resolveInterpreter(identifier: string): string {
  const id = identifier.slice(identifier.lastIndexOf('/') + 1);
  if (id === systemInterpreter) return id;
  throw notFound(`There is no code interpreter ${identifier}. Use ${systemInterpreter}.`);
}
