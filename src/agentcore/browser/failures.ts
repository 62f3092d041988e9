import { ToolFailure } from '../../failure.ts';
import type { AgentCore } from '../agentcore.ts';

/** Why automation is refused while a person drives the browser. */
export function handedOver({ backend }: AgentCore, id: string, liveView: string): ToolFailure {
  const permission =
    backend === 'aws'
      ? ' (the link needs the IAM action bedrock-agentcore:ConnectBrowserLiveViewStream)'
      : '';
  return new ToolFailure({
    code: 'HandedOver',
    message: `A person has control of the browser of session ${id}.`,
    hint: `They see it in the live view: ${liveView}${permission}. Once they have given control back, or call_aws_api has taken it (UpdateBrowserStream, streamStatus ENABLED), browse goes on.`,
    retryable: true,
  });
}

/** What to say where the connection broke while something was done, and the browser is still there. */
export function connectionBroken(id: string, cause: unknown): ToolFailure {
  return new ToolFailure(
    {
      code: 'ConnectionBroken',
      message: `The connection to the browser of session ${id} broke during the call, so it is not known how far it came.`,
      hint: 'The session still runs and its pages are there. Look at the page before you repeat what changes something.',
    },
    { cause },
  );
}
