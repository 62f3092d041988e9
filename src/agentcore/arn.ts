/** The region of a Bedrock AgentCore ARN; undefined for anything else, e.g. a bare id. */
export function regionOf(arnOrId: string): string | undefined {
  return /^arn:aws[a-z-]*:bedrock-agentcore:([a-z0-9-]+):/.exec(arnOrId)?.[1];
}
