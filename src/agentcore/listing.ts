import { type Operation, operations } from '../engine/wire/operations.ts';

const listings = [...operations.values()].filter(({ name }) => /^List[A-Z]/.test(name));

function plural(noun: string): string {
  if (/[^aeiou]y$/.test(noun)) return noun.replace(/y$/, 'ies');
  return noun.endsWith('s') ? `${noun}es` : `${noun}s`;
}

const collection = ({ uri }: Operation) => uri.split('/')[1];

/**
 * The operation that lists what a member identifies, e.g. ListCodeInterpreterSessions for the `sessionId` of
 * InvokeCodeInterpreter and ListGatewayTargets for the `targetId` of GetGatewayTarget. It has the member's noun in its
 * name, and either the same collection in its path or nothing above it.
 */
export function listingOperation(operation: Operation, member: string): string | undefined {
  const subject = operation.name.replace(/^(?:Batch)?[A-Z][a-z]+/, '');
  const noun = plural(member.replace(/(?:Id|Identifier|Arn|Name|^name)$/, '') || subject).toLowerCase();
  const candidates = listings.filter(({ name }) => name.toLowerCase().endsWith(noun));
  const beside = candidates.filter((listing) => collection(listing) === collection(operation));
  const named = ({ name }: Operation) => name.toLowerCase() === `list${noun}`;
  const above = candidates.find((listing) => named(listing) && !listing.uri.includes('{'));
  return (beside.find(named) ?? above ?? beside[0])?.name;
}
