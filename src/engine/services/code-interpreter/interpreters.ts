import type { InputOf, OutputOf, Scope } from '../../service.ts';
import { type ToolDependencies, ToolResources, type ToolRow } from '../tool-resources.ts';

/** The interpreter that every account has. Facts: AgentCore's own GetCodeInterpreter answer. */
const system: InterpreterRow = {
  interpreterId: 'aws.codeinterpreter.v1',
  name: 'Amazon Bedrock AgentCore Code Interpreter',
  description: 'AWS built-in code interpreter for secure code execution',
  networkConfiguration: { networkMode: 'SANDBOX' },
  createdAt: Date.parse('2025-07-16T00:00:00Z'),
};

/** An interpreter as it was given. */
export interface InterpreterRow
  extends ToolRow,
    Pick<InputOf<'CreateCodeInterpreter'>, 'networkConfiguration'> {
  interpreterId: string;
}

/** The code interpreters of accounts. */
export class Interpreters extends ToolResources<InterpreterRow> {
  constructor(dependencies: ToolDependencies) {
    super(
      {
        collection: 'code-interpreter',
        title: 'code interpreter',
        listing: 'ListCodeInterpreters',
        member: 'codeInterpreterId',
        arnType: 'code-interpreter',
        system,
        idOf: (row) => row.interpreterId,
      },
      dependencies,
    );
  }

  /** Whether sessions of it have the internet: those of all modes but SANDBOX, which is the system interpreter's. */
  hasInternet(scope: Scope, id: string): boolean {
    return this.get(scope, id).networkConfiguration?.networkMode !== 'SANDBOX';
  }

  /** As GetCodeInterpreter does. */
  describe(
    scope: Scope,
    { interpreterId, createdAt, ...given }: InterpreterRow,
  ): OutputOf<'GetCodeInterpreter'> {
    return {
      ...given,
      codeInterpreterId: interpreterId,
      codeInterpreterArn: this.arn(scope, interpreterId),
      status: 'READY',
      createdAt: new Date(createdAt),
      lastUpdatedAt: new Date(createdAt),
    };
  }
}
