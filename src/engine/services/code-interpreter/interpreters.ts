import type { InputOf, OutputOf, Scope } from '../../service.ts';
import type { Documents, Page, Store } from '../../store/store.ts';
import { conflict, notFound, quotaExceeded } from '../exceptions.ts';
import { arnPrefix } from '../names.ts';
import { type Paging, page } from '../paging.ts';

/** The interpreter that every account has. Facts: AgentCore's own GetCodeInterpreter answer. */
export const systemInterpreter = 'aws.codeinterpreter.v1';

const systemCreated = new Date('2025-07-16T00:00:00Z');
/** Above what anybody has; AWS publishes no figure. */
const MAX_INTERPRETERS = 1_000;

/** An interpreter that a user has made, as it was given. */
export interface InterpreterRow
  extends Pick<
    InputOf<'CreateCodeInterpreter'>,
    'description' | 'executionRoleArn' | 'networkConfiguration'
  > {
  interpreterId: string;
  name: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** The code interpreters of accounts: the one that each has, and those that were made. */
export class Interpreters {
  readonly #rows: Documents<InterpreterRow>;

  constructor(store: Store) {
    this.#rows = store.documents('code-interpreter');
  }

  /** The id behind an id or ARN. @throws ResourceNotFoundException for an interpreter that does not exist. */
  resolve(scope: Scope, identifier: string): string {
    const id = identifier.slice(identifier.lastIndexOf('/') + 1);
    if (id === systemInterpreter || this.has(scope, id)) return id;
    throw notFound(
      `There is no code interpreter ${identifier} in account ${scope.account} and region ${scope.region}. ListCodeInterpreters names the ones there are; every account has ${systemInterpreter}.`,
    );
  }

  has(scope: Scope, id: string): boolean {
    return this.#rows.get(scope, id) !== undefined;
  }

  /** Whether sessions of it have the internet: those of all modes but SANDBOX, which is the system interpreter's. */
  hasInternet(scope: Scope, id: string): boolean {
    const { networkConfiguration } = this.#rows.get(scope, id) ?? {};
    return networkConfiguration !== undefined && networkConfiguration.networkMode !== 'SANDBOX';
  }

  /** As GetCodeInterpreter does. @throws ResourceNotFoundException */
  describe(scope: Scope, identifier: string): OutputOf<'GetCodeInterpreter'> {
    const row = this.#rows.get(scope, this.resolve(scope, identifier));
    return row === undefined ? describeSystem(scope) : describeRow(scope, row);
  }

  /** The system interpreter first, then the others, newest first. @throws ValidationException for a foreign token. */
  list(
    scope: Scope,
    { type, maxResults, nextToken }: Paging & { type?: string | undefined },
  ): Page<OutputOf<'GetCodeInterpreter'>> {
    const system = nextToken === undefined && type !== 'CUSTOM' ? [describeSystem(scope)] : [];
    if (type === 'SYSTEM') {
      // One page holds it, so that any token is refused.
      page(this.#rows, scope, { maxResults: 0, nextToken });
      return { items: system };
    }
    const room = maxResults === undefined ? undefined : maxResults - system.length;
    const custom = page(this.#rows, scope, { maxResults: room, nextToken });
    const items = [...system, ...custom.items.map((row) => describeRow(scope, row))];
    return { items, nextToken: custom.nextToken };
  }

  /** @throws ConflictException for a name that is taken. */
  add(scope: Scope, row: InterpreterRow): void {
    const all = this.#rows.list(scope, { maxResults: MAX_INTERPRETERS }).items;
    const taken = all.find(({ name }) => name === row.name);
    if (taken)
      throw conflict(
        `There is a code interpreter named ${row.name} already: ${taken.interpreterId}. Use that one, delete it, or choose another name.`,
      );
    if (all.length >= MAX_INTERPRETERS)
      throw quotaExceeded(
        `There are ${MAX_INTERPRETERS} code interpreters, as many as an account may have. Delete some.`,
      );
    this.#rows.put(scope, row.interpreterId, row);
  }

  remove(scope: Scope, id: string): void {
    this.#rows.delete(scope, id);
  }
}

export const interpreterArn = (scope: Scope, id: string) =>
  `${arnPrefix(scope)}code-interpreter-custom/${id}`;

function describeSystem({ region }: Scope): OutputOf<'GetCodeInterpreter'> {
  return {
    codeInterpreterId: systemInterpreter,
    codeInterpreterArn: `arn:aws:bedrock-agentcore:${region}:aws:code-interpreter/${systemInterpreter}`,
    name: 'Amazon Bedrock AgentCore Code Interpreter',
    description: 'AWS built-in code interpreter for secure code execution',
    networkConfiguration: { networkMode: 'SANDBOX' },
    status: 'READY',
    createdAt: systemCreated,
    lastUpdatedAt: systemCreated,
  };
}

function describeRow(
  scope: Scope,
  { interpreterId, createdAt, ...given }: InterpreterRow,
): OutputOf<'GetCodeInterpreter'> {
  return {
    ...given,
    codeInterpreterId: interpreterId,
    codeInterpreterArn: interpreterArn(scope, interpreterId),
    status: 'READY',
    createdAt: new Date(createdAt),
    lastUpdatedAt: new Date(createdAt),
  };
}
