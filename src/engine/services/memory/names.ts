import type { Scope } from '../../service.ts';
import { arnPrefix } from '../names.ts';
import type { MemoryKey, MemoryRow } from './memory.ts';

export const memoryArn = (scope: Scope, memoryId: string) => `${arnPrefix(scope)}memory/${memoryId}`;

/** The id in an ARN of this account and region, or the id itself; undefined for an ARN of another. */
export function memoryIdOf(scope: Scope, idOrArn: string): string | undefined {
  if (!idOrArn.startsWith('arn:')) return idOrArn;
  const id = idOrArn.slice(idOrArn.lastIndexOf('/') + 1);
  return idOrArn === memoryArn(scope, id) ? id : undefined;
}

export const keyOf = ({ account, region }: Scope, { id }: Pick<MemoryRow, 'id'>): MemoryKey => ({
  scope: { account, region },
  memoryId: id,
});
