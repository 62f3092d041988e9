import { isServerError, isThrottlingError, isTransientError } from '@smithy/core/retry';
import { type FailureDetails, ToolFailure } from '../failure.ts';
import { ownCommand } from '../platform/own-command.ts';
import { findValidId, iamAction, onlyReads, otherRegions, type SdkError, type Situation } from './advice.ts';
import { type Asked, askedOf } from './calls.ts';

interface Explanation {
  /** Names of the error, or the code of a network error, or a test of it. */
  when: readonly string[] | ((situation: Situation) => boolean);
  /** The error's own name without `Exception` unless given. */
  code?: string;
  /** Our own sentence; otherwise it says what failed, and the service's words stand apart. */
  message?(situation: Situation): string;
  hint?(situation: Situation): string | undefined;
  /** Given where the SDK's own classification would promise too much: whether it may be believed. */
  retryable?(situation: Situation): boolean;
}

const named = (error: SdkError, ...names: string[]) =>
  names.includes(error.name) || names.includes(error.code ?? '');
const fromCredentials = ({ error }: Situation) =>
  named(error, 'CredentialsProviderError', 'TokenProviderError', 'ProviderError');
const profileOf = ({ profile }: Situation) => profile ?? process.env.AWS_PROFILE;
const profileFlag = (at: Situation) => (profileOf(at) ? ` --profile ${profileOf(at)}` : '');
const forOperation = ({ operation }: Situation) => (operation ? ` for ${operation}` : '');

/** The service's own words, with every field that it names. */
function wordsOf({ error, message }: Situation): string {
  const told = (text = '') => message.includes(text);
  const fields = (error.fieldList ?? []).filter((field) => !told(field.name) || !told(field.message));
  return [message, ...fields.map((field) => `${field.name}: ${field.message}`)].join('; ');
}

/** What we know to say about each kind of error; the first row that fits is taken. */
const explanations: readonly Explanation[] = [
  {
    when: (at) => fromCredentials(at) && /\bSSO\b|aws sso login/i.test(at.message),
    code: 'SsoExpired',
    hint: (at) =>
      `Sign in again: run \`aws sso login${profileFlag(at)}\` in a terminal, then repeat the call.`,
  },
  {
    when: (at) => fromCredentials(at) && profileOf(at) !== undefined,
    code: 'CredentialsMissing',
    hint: (at) =>
      `The profile ${profileOf(at)} gives no credentials. \`aws configure list-profiles\` shows the profiles there are; restart the server with another --profile or AWS_PROFILE.`,
  },
  {
    when: fromCredentials,
    code: 'CredentialsMissing',
    hint: () =>
      'Give the server AWS credentials: --profile, AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or `aws sso login`. Without an account, use --backend local.',
  },
  {
    when: ['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'],
    code: 'CredentialsExpired',
    hint: (at) =>
      `The AWS credentials have expired. Renew them, e.g. with \`aws sso login${profileFlag(at)}\`; keys given as environment variables need a restart of the server.`,
  },
  {
    when: [
      'UnrecognizedClientException',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'IncompleteSignatureException',
      'MissingAuthenticationTokenException',
    ],
    code: 'CredentialsRejected',
    hint: ({ onAws, region }) =>
      onAws
        ? `AWS does not accept these keys. Check the profile, the clock of this machine, and that the region ${region} is enabled in the account.`
        : `The engine does not accept the key of this data directory. \`${ownCommand('doctor')}\` in a terminal says more.`,
  },
  {
    when: ['AccessDeniedException', 'AccessDenied', 'UnauthorizedException', 'NotAuthorized'],
    hint: (at) =>
      `The caller needs the IAM action ${iamAction(at)} on this resource. Also a resource policy, a permission boundary or an organisation's policy can deny it.`,
  },
  {
    when: ['SubscriptionRequiredException'],
    hint: () => 'The account must first subscribe to this product in AWS.',
  },
  { when: ['ResourceNotFoundException', 'NotFoundException'], hint: findValidId },
  {
    when: ['ValidationException', 'InvalidInputException', 'InvalidParameterException'],
    hint: ({ operation }) => `search_aws_api with ${operation ?? 'the operation'} shows what it takes.`,
  },
  {
    when: ['ServiceQuotaExceededException', 'ResourceLimitExceededException', 'LimitExceededException'],
    hint: ({ onAws }) =>
      onAws
        ? 'Delete what is no longer needed, or ask for a higher quota in the Service Quotas console.'
        : 'End sessions or delete what is no longer needed.',
  },
  {
    when: ({ error }) => isThrottlingError(error as Parameters<typeof isThrottlingError>[0]),
    code: 'Throttling',
    hint: () => 'Too many requests; the SDK has already tried again. Wait some seconds and call less often.',
  },
  {
    when: [
      'ConflictException',
      'RetryableConflictException',
      'ConcurrentModificationException',
      'DuplicateIdException',
    ],
    hint: ({ onAws }) =>
      onAws
        ? 'It exists already, has ended, or is being changed. Look at its status: take another name, start a new one, or wait until it is stable.'
        : 'The session has ended or could not start, as the details say. Start a new one; where none starts, get_status names the cure.',
  },
  {
    when: ['RuntimeClientError'],
    code: 'RuntimeClientError',
    hint: () => "The agent's own code answered with an error or not at all. Its logs say why.",
  },
  {
    when: ['UnknownOperationException', 'NotImplementedException'],
    code: 'NotOnThisBackend',
    retryable: () => false,
    hint: ({ onAws, region }) =>
      onAws
        ? `AWS does not offer this operation in ${region}. Try another region.`
        : 'The local engine cannot do this yet; with --backend aws the same call goes to AWS.',
  },
  {
    when: ['ENOTFOUND'],
    code: 'EndpointNotFound',
    message: ({ error }) => `The address ${error.hostname ?? 'of the service'} was not found.`,
    hint: (at) => `No network or DNS? Check both, a proxy or VPN, and AWS_ENDPOINT_URL.${otherRegions(at)}`,
  },
  {
    when: ['ECONNRESET', 'EPIPE'],
    code: 'ConnectionBroken',
    message: (at) =>
      `The connection to ${at.onAws ? 'AWS' : 'the local engine'} broke during the call${forOperation(at)}, so it is not known whether it was done.`,
    hint: ({ onAws }) =>
      onAws
        ? 'Look at the state of what was asked before you repeat it. If this happens often, check the network, a proxy or VPN.'
        : `If the engine has ended, its sessions and what ran in them have ended too, and the next call starts it again. \`${ownCommand('doctor')}\` in a terminal says more.`,
    retryable: () => false,
  },
  {
    when: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'],
    code: 'EndpointNotReachable',
    hint: ({ onAws }) =>
      onAws
        ? 'Check the network, DNS, a proxy or VPN, and AWS_ENDPOINT_URL.'
        : `The local engine cannot be reached. \`${ownCommand('doctor')}\` in a terminal says more.`,
  },
  { when: ['AbortError'], code: 'Cancelled', message: (at) => `The call${forOperation(at)} was cancelled.` },
  {
    when: ['TimeoutError', 'ETIMEDOUT', 'RequestTimeout'],
    code: 'Timeout',
    message: (at) => `No answer${forOperation(at)} came in time.`,
    hint: ({ onAws }) =>
      `${onAws ? 'Check the network, a proxy or VPN, and AWS_ENDPOINT_URL. ' : ''}What was asked may still be going on; look at its state before you repeat what changes something.`,
    retryable: onlyReads,
  },
  {
    when: ['SyntaxError'],
    code: 'BadAnswer',
    message: (at) =>
      `The answer${forOperation(at)} is not one of AWS's protocol (HTTP ${at.error.$metadata?.httpStatusCode ?? 'status unknown'}).`,
    hint: () => 'Something else answers at this endpoint, often a proxy. Check AWS_ENDPOINT_URL and proxies.',
  },
];

/** The error's own message, without what the SDK adds for its programmers. */
function messageOf({ name, message }: SdkError): string {
  const [own = ''] = message.split('Deserialization error: to see the raw response');
  return own.trimEnd() || name;
}

function fits({ when }: Explanation, at: Situation): boolean {
  return typeof when === 'function' ? when(at) : named(at.error, ...when);
}

/** The error's name, which a service may have made up. */
function codeOf({ name }: SdkError): string {
  return /^\w{1,64}$/.test(name) ? name.replace(/Exception$/, '') || 'Error' : 'Error';
}

/** By the SDK's own classification. */
function mayPass(error: SdkError): boolean {
  const sdk = error as Parameters<typeof isTransientError>[0];
  return isThrottlingError(sdk) || isTransientError(sdk) || isServerError(sdk);
}

/**
 * A failed call in words that say what to do. Errors of the clients know their call; `about` fills in the rest.
 * Anything may be given; a {@link ToolFailure} is handed back as it is.
 */
export function explain(thrown: unknown, about: Pick<Asked, 'backend' | 'operation'>): ToolFailure {
  if (thrown instanceof ToolFailure) return thrown;
  const error: SdkError = thrown instanceof Error ? thrown : new Error(String(thrown));
  const asked = { backend: about.backend, operation: about.operation, ...askedOf(error) };
  const at: Situation = {
    ...asked,
    error,
    message: messageOf(error),
    onAws: asked.backend === 'aws',
  };
  const { code, message, hint, retryable }: Partial<Explanation> =
    explanations.find((row) => fits(row, at)) ?? {};
  const answered = error.$fault !== undefined && !message;
  const details: FailureDetails = {
    code: code ?? codeOf(error),
    message: message?.(at) ?? (answered ? `${asked.operation ?? 'The call'} failed.` : at.message),
    foreign: answered ? wordsOf(at) : undefined,
    hint: hint?.(at),
    retryable: mayPass(error) && (retryable?.(at) ?? true),
    requestId: error.$metadata?.requestId,
  };
  return new ToolFailure(details, { cause: error });
}
