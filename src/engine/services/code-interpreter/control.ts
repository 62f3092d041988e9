import type { Clock } from '../../clock.ts';
import type { Handlers, InputOf } from '../../service.ts';
import { invalid } from '../exceptions.ts';
import type { Idempotency } from '../idempotency.ts';
import type { Interpreters } from './interpreters.ts';

export interface ControlParts {
  interpreters: Interpreters;
  idempotency: Idempotency;
  clock: Clock;
}

/** The control plane of code interpreters. */
export function controlHandlers({ interpreters, idempotency, clock }: ControlParts): Handlers {
  return {
    async CreateCodeInterpreter(input, call) {
      const { name = '', description, executionRoleArn, networkConfiguration } = input;
      const { interpreterId, createdAt } = await idempotency.once(
        call,
        'CreateCodeInterpreter',
        input,
        async () => {
          refuseMounts(input);
          return interpreters.create(call, input, (id, at) => ({
            interpreterId: id,
            name,
            description,
            executionRoleArn,
            networkConfiguration,
            createdAt: at,
          }));
        },
      );
      return {
        codeInterpreterId: interpreterId,
        codeInterpreterArn: interpreters.arn(call, interpreterId),
        createdAt: new Date(createdAt),
        status: 'READY',
      };
    },

    async GetCodeInterpreter({ codeInterpreterId = '' }, call) {
      return interpreters.describe(call, interpreters.get(call, codeInterpreterId));
    },

    async ListCodeInterpreters(input, call) {
      const { items, nextToken } = interpreters.list(call, input);
      const codeInterpreterSummaries = items.map((row) => {
        const {
          networkConfiguration: _,
          executionRoleArn: __,
          ...summary
        } = interpreters.describe(call, row);
        return summary;
      });
      return { codeInterpreterSummaries, nextToken };
    },

    async DeleteCodeInterpreter(input, call) {
      const { id, at } = await idempotency.once(call, 'DeleteCodeInterpreter', input, async () => {
        interpreters.remove(call, input.codeInterpreterId ?? '');
        return { id: input.codeInterpreterId ?? '', at: clock.now() };
      });
      return { codeInterpreterId: id, status: 'DELETING', lastUpdatedAt: new Date(at) };
    },
  };
}

/** What to do without what the engine does not have; a mount that silently is not there would be worse. */
const instead = {
  certificates:
    'The local engine does not install certificates in code sessions. Leave them out: programs that look at the certificate authorities of the system find those of this machine.',
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
