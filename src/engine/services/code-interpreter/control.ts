import type { Clock } from '../../clock.ts';
import type { Call, Handlers, InputOf, Scope } from '../../service.ts';
import { conflict, invalid } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import { newId } from '../names.ts';
import { checkRole } from '../roles.ts';
import { checkTags, type Tags } from '../tags.ts';
import { type InterpreterRow, type Interpreters, interpreterArn, systemInterpreter } from './interpreters.ts';

export interface ControlParts {
  interpreters: Interpreters;
  idempotency: Idempotency;
  tags: Tags;
  clock: Clock;
  /** The sessions of an interpreter that run or are about to. */
  activeSessions(scope: Scope, interpreter: string): readonly string[];
}

/** The control plane of code interpreters. They need no preparation, so each is READY at once. */
export function controlHandlers({
  interpreters,
  idempotency,
  tags,
  clock,
  activeSessions,
}: ControlParts): Handlers {
  tags.admit(
    (scope, arn) =>
      arn.startsWith(interpreterArn(scope, '')) &&
      interpreters.has(scope, arn.slice(interpreterArn(scope, '').length)),
  );

  return {
    async CreateCodeInterpreter(input, call) {
      const { interpreterId, createdAt } = await idempotency.once(call, 'CreateCodeInterpreter', input, () =>
        create(call, input),
      );
      return {
        codeInterpreterId: interpreterId,
        codeInterpreterArn: interpreterArn(call, interpreterId),
        createdAt: new Date(createdAt),
        status: 'READY',
      };
    },

    async GetCodeInterpreter({ codeInterpreterId = '' }, call) {
      return interpreters.describe(call, codeInterpreterId);
    },

    async ListCodeInterpreters(input, call) {
      const { items, nextToken } = interpreters.list(call, input);
      const codeInterpreterSummaries = items.map(
        ({ networkConfiguration: _, executionRoleArn: __, ...summary }) => summary,
      );
      return { codeInterpreterSummaries, nextToken };
    },

    async DeleteCodeInterpreter(input, call) {
      const { id, at } = await idempotency.once(call, 'DeleteCodeInterpreter', input, async () => {
        remove(call, input.codeInterpreterId ?? '');
        return { id: input.codeInterpreterId ?? '', at: clock.now() };
      });
      return { codeInterpreterId: id, status: 'DELETING', lastUpdatedAt: new Date(at) };
    },
  };

  async function create(
    scope: Call,
    {
      name = '',
      description,
      executionRoleArn,
      networkConfiguration,
      ...input
    }: InputOf<'CreateCodeInterpreter'>,
  ): Promise<InterpreterRow> {
    refuseMounts(input);
    if (executionRoleArn !== undefined) checkRole(scope, 'executionRoleArn', executionRoleArn);
    checkNetwork(networkConfiguration);
    checkTags(input.tags);
    const row = {
      interpreterId: newId(name),
      name,
      description,
      executionRoleArn,
      networkConfiguration,
      createdAt: clock.now(),
    };
    interpreters.add(scope, row);
    tags.add(scope, interpreterArn(scope, row.interpreterId), input.tags);
    return row;
  }

  function remove(scope: Scope, id: string): void {
    if (id === systemInterpreter)
      throw invalid('codeInterpreterId', `${systemInterpreter} is every account's; it cannot be deleted.`);
    interpreters.resolve(scope, id);
    const active = activeSessions(scope, id);
    if (active.length > 0)
      throw conflict(
        `The code interpreter ${id} has active sessions: ${active.join(', ')}. Stop them first, then delete it again.`,
      );
    interpreters.remove(scope, id);
    tags.forget(scope, interpreterArn(scope, id));
  }
}

function checkNetwork(network: InputOf<'CreateCodeInterpreter'>['networkConfiguration']): void {
  if (network?.networkMode !== 'VPC' || network.vpcConfig) return;
  throw invalid('networkConfiguration.vpcConfig', 'The network mode VPC needs subnets and security groups.');
}

/** What to do without what the engine does not have; a mount that silently is not there would be worse. */
const instead = {
  certificates:
    'The local engine has no Secrets Manager to take certificates from. Leave them out: programs that look at the certificate authorities of the system find those of this machine.',
  filesystemConfigurations:
    'The local engine has no EFS and no S3 Files to mount. Leave them out, and bring files in with writeFiles.',
} as const;

/** @throws ValidationException */
export function refuseMounts(
  input: Pick<InputOf<'StartCodeInterpreterSession'>, keyof typeof instead>,
): void {
  for (const [member, words] of Object.entries(instead)) {
    if (input[member as keyof typeof instead]?.length) throw invalid(member, words);
  }
}
