import { Tiktoken } from 'js-tiktoken/lite';
import ranks from 'js-tiktoken/ranks/cl100k_base';
import { expect, test } from 'vitest';
import { describeOperation, describeShape } from '../../src/agentcore/api/describe.ts';
import { docsOf, parseDocs } from '../../src/agentcore/api/docs.ts';
import { inputOf } from '../../src/agentcore/api/params.ts';
import { type Operation, operations } from '../../src/engine/wire/operations.ts';
import { ToolFailure } from '../../src/failure.ts';

const all = [...operations.values()];
const encoding = new Tiktoken(ranks);
const tokens = (text: string) => encoding.encode(text).length;
const named = (name: string) => operations.get(name) as Operation;

test('an operation as a model reads it', async () => {
  expect(await describeOperation(named('StartCodeInterpreterSession'))).toMatchInlineSnapshot(`
    "StartCodeInterpreterSession: Creates and initializes a code interpreter session in Amazon Bedrock AgentCore.
    data plane, write, PUT /code-interpreters/{codeInterpreterIdentifier}/sessions/start
    input {
      codeInterpreterIdentifier: string
      traceId?: string // 0 to 1024 characters
      traceParent?: string // 0 to 1024 characters
      name?: string // 1 to 100 characters
      sessionTimeoutSeconds?: number // whole; 1 to 28800
      certificates?: Certificate[] // 1 to 200 entries
      filesystemConfigurations?: ToolsFileSystemConfiguration[] // 0 to 10 entries
      clientToken?: string // 33 to 256 characters; /[a-zA-Z0-9](-*[a-zA-Z0-9]){0,256}/; made when left out
    }
    type Certificate = {
      location: CertificateLocation
    }
    type ToolsFileSystemConfiguration = { // exactly one of
      s3FilesConfiguration: S3FilesConfiguration
      efsConfiguration: EfsConfiguration
    }
    type CertificateLocation = { // exactly one of
      secretsManager: SecretsManagerLocation
    }
    type S3FilesConfiguration = {
      accessPointArn: string // 0 to 256 characters; /arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}/
      mountPath: string // 6 to 200 characters; //mnt/[a-zA-Z0-9._-]+/?/
      fileSystemArn: string // 0 to 256 characters; /arn:aws[-a-z]*:s3files:[a-z0-9-]+:[0-9]{12}:file-system/fs-[0-9a-f]{17,40}/
    }
    type EfsConfiguration = {
      accessPointArn: string // 0 to 128 characters; /arn:aws[-a-z]*:elasticfilesystem:[0-9a-z-:]+:access-point/fsap-[0-9a-f]{8,40}/
      mountPath: string // 6 to 200 characters; //mnt/[a-zA-Z0-9._-]+/?/
      fileSystemArn: string // 0 to 256 characters; /arn:aws[-a-z]*:elasticfilesystem:[a-z0-9-]+:[0-9]{12}:file-system/fs-[0-9a-f]{8,40}/
    }
    type SecretsManagerLocation = {
      secretArn: string // /arn:aws(-[a-z-]+)?:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[a-zA-Z0-9/_+=.@-]+/
    }
    output {
      codeInterpreterIdentifier: string
      sessionId: string
      createdAt: timestamp
    }
    timestamp: ISO 8601
    errors: AccessDenied, Conflict, InternalServer, ResourceNotFound, ServiceQuotaExceeded, Throttling, Validation
    example: call_aws_api {"operation":"StartCodeInterpreterSession","params":{"codeInterpreterIdentifier":"aws.codeinterpreter.v1"}}"
  `);
});

test('constraints stand with inputs only, unions and streams say what they are', async () => {
  const text = await describeOperation(named('InvokeCodeInterpreter'));
  expect(text).toContain("language?: 'python' | 'javascript' | 'typescript'");
  expect(text).toContain('stream: stream of CodeInterpreterStreamOutput');
  expect(text).toContain('type CodeInterpreterStreamOutput = { // exactly one of');
  expect(text).toContain('blob: a text, or {"base64"}');
  expect(text.split('\noutput ')[1]).not.toMatch(/\d+ to \d+ characters/);
});

test('every operation is described in at most 3,500 tokens, with its documentation and its errors', async () => {
  for (const operation of all) {
    const text = await describeOperation(operation);
    expect(tokens(text), operation.name).toBeLessThanOrEqual(3_500);
    expect(text).toMatch(/^errors: .*AccessDenied/m);
    expect(text.split('\n')[0]).toMatch(/: [A-Z].*\.$/);
  }
});

test('every shape that is only named can be searched for', async () => {
  for (const operation of all) {
    const left = /^Not shown, search for the name to see it: (.*)$/m.exec(
      await describeOperation(operation),
    )?.[1];
    for (const name of left?.split(', ') ?? [])
      expect(describeShape(name), name).toContain(`type ${name} = {`);
  }
  expect(describeShape('NoSuchShape')).toBeUndefined();
});

test('every example has all that is required, of the right types', async () => {
  const example = /^example: (read|call)_aws_api (.*)$/m;
  for (const operation of all) {
    const [, , call = ''] = example.exec(await describeOperation(operation)) ?? [];
    const { params } = JSON.parse(call) as { params: Record<string, unknown> };
    const failure = await inputOf(operation, params, async () => Buffer.alloc(0)).catch(
      (error: unknown) => error,
    );
    // Placeholders such as <memoryId> need not match a pattern, nor short ones a length.
    if (failure instanceof ToolFailure) {
      expect(failure.message).not.toMatch(
        / is required| is unknown| must be an? | must be true| exactly one/,
      );
    }
  }
});

test('documentation is read as plain text', () => {
  const declaration = `/**
 * <p>Lists <code>things</code>, e.g. a &lt;b&gt;. See {@link ListThingsCommand}.</p> <p>More.</p>
 * @example
 * Use it.
 * @throws {@link ValidationException} (client fault)
 * @throws {@link ThingsServiceException}
 */`;
  expect(parseDocs(declaration)).toEqual({
    summary: 'Lists things, e.g. a <b>.',
    text: 'Lists things, e.g. a <b>. See ListThingsCommand. More.',
    errors: ['ValidationException'],
  });
});

test('without declarations there is simply no documentation', async () => {
  const unknown = { ...named('ListMemories'), name: 'NoSuchOperation' };
  expect(await docsOf(unknown)).toEqual({ summary: '', text: '', errors: [] });
  expect(await describeOperation(unknown)).toContain('NoSuchOperation: no description');
});
