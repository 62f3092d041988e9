import type { RuntimeName } from '../engine/sandbox/interpreters.ts';
import { ToolFailure } from '../failure.ts';

/** What an agent's dependencies are built for. */
export interface Platform {
  processor: 'arm64' | 'x64';
  /** Minor version, e.g. `3.13`; of Node agents the major one. */
  version: string;
}

/** Where agents of one backend, account and region go. */
export interface Deployment {
  /** The bucket that code is uploaded to. */
  bucket: string;
  /** Whether it is made when it is not there. */
  makesBucket: boolean;
  /** Whether the bucket is on this machine. */
  nearby: boolean;
  /** The execution role of a new agent. @throws ToolFailure where the operator named none. */
  role(): string;
  /** What really runs an agent of this runtime. */
  platform(runtime: RuntimeName): Promise<Platform>;
}

/** E.g. `3.13` of `PYTHON_3_13`, `22` of `NODE_22`. */
export const versionOf = (runtime: RuntimeName) => runtime.replace(/^[A-Z]+_/, '').replace('_', '.');

/** E.g. `PYTHON_3_13` of `3.13`. */
export const pythonRuntime = (version: string) => `PYTHON_${version.replace('.', '_')}` as RuntimeName;

/** @throws ToolFailure `DeployBucketMissing` */
export function awsDeployment(
  { deployBucket, deployRole }: { deployBucket?: string; deployRole?: string },
  account: string,
): Deployment {
  if (!deployBucket)
    throw new ToolFailure({
      code: 'DeployBucketMissing',
      message: 'On AWS, agent code goes through an S3 bucket, and this server was given none.',
      hint: `Its user restarts it with --deploy-bucket <name>, a bucket of account ${account} in the runtime's region to which these credentials may write (s3:PutObject, s3:GetObject).`,
    });
  return {
    bucket: deployBucket,
    makesBucket: false,
    nearby: false,
    role() {
      if (deployRole) return deployRole;
      throw new ToolFailure({
        code: 'DeployRoleMissing',
        message: 'On AWS, a new agent needs an execution role, and this server was given none.',
        hint: `Its user restarts it with --deploy-role <ARN>. The role must trust bedrock-agentcore.amazonaws.com (sts:AssumeRole, best with the condition aws:SourceAccount = ${account}) and allow what the agent does: write logs (logs:CreateLogGroup, CreateLogStream, PutLogEvents, DescribeLogStreams), send traces (xray:PutTraceSegments), call models (bedrock:InvokeModel, InvokeModelWithResponseStream). These credentials need iam:PassRole for it.`,
      });
    },
    platform: async (runtime) => ({ processor: 'arm64', version: versionOf(runtime) }),
  };
}

/** On the local engine nothing has to be prepared, and the nearest interpreter of this machine runs the agent. */
export function localDeployment(account: string): Deployment {
  return {
    bucket: `agentcore-mcp-code-${account}`,
    makesBucket: true,
    nearby: true,
    role: () => `arn:aws:iam::${account}:role/agentcore-mcp`,
    async platform(runtime) {
      const { findInterpreter } = await import('../engine/sandbox/interpreters.ts');
      const { version, language } = await findInterpreter(runtime);
      const parts = version.split('.').slice(0, language === 'python' ? 2 : 1);
      return { processor: process.arch === 'arm64' ? 'arm64' : 'x64', version: parts.join('.') };
    },
  };
}
