import { describe, expect, test } from 'vitest';
import { inputOf } from '../../src/agentcore/api/params.ts';
import type { Pins } from '../../src/agentcore/api/pins.ts';
import { operations } from '../../src/engine/wire/operations.ts';
import { ToolFailure } from '../../src/failure.ts';
import { UsageError } from '../../src/options.ts';
import { runTool } from '../../src/tools/call.ts';
import { contextWith, patient } from '../support/contexts.ts';

const arn = (rest: string, region = 'eu-west-1', account = '123456789012') =>
  `arn:aws:bedrock-agentcore:${region}:${account}:${rest}`;
const memory = 'mem-1234567890';
const gateway = 'gate-1234567890';
const runtime = arn('runtime/agent-1234567890');
const pins: Pins = {
  region: { value: 'eu-west-1', flag: '--region' },
  memory_id: { value: memory, flag: '--memory-id' },
  gateway_id: { value: gateway, flag: '--gateway-id' },
  runtime_arn: { value: runtime, flag: '--runtime-arn' },
};

function inputFor(name: string, params: Record<string, unknown>, given = pins) {
  const operation = operations.get(name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  return inputOf(operation, params, async () => Buffer.alloc(0), given);
}

describe('a pin', () => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['GetMemory', {}, { memoryId: memory }],
    ['GetMemory', { memory_id: memory }, { memoryId: memory }],
    ['ListActors', { memoryId: arn(`memory/${memory}`) }, { memoryId: memory }],
    ['GetGateway', {}, { gatewayIdentifier: gateway }],
    ['StopRuntimeSession', { runtimeSessionId: 'x'.repeat(33) }, { agentRuntimeArn: runtime }],
    ['GetAgentCard', { agentRuntimeArn: 'agent-1234567890' }, { agentRuntimeArn: runtime }],
    ['GetAgentRuntime', {}, { agentRuntimeId: 'agent-1234567890' }],
    ['TagResource', { resourceArn: arn(`gateway/${gateway}`), tags: { a: 'b' } }, {}],
    ['ListTagsForResource', { resourceArn: `${runtime}/runtime-endpoint/DEFAULT` }, {}],
    ['ListTagsForResource', { resourceArn: arn('browser-custom/other-1234567890') }, {}],
    ['ListMemories', {}, {}],
  ])('is put into %s %j', async (name, params, expected) => {
    expect(await inputFor(name, params)).toMatchObject(expected);
  });

  test.each<[string, string, Record<string, unknown>]>([
    ['--memory-id', 'DeleteMemory', { memoryId: 'mem-0000000000' }],
    ['--memory-id', 'DeleteMemory', { memory_id: 'mem-0000000000' }],
    ['--memory-id', 'CreateEvent', { memoryId: arn('memory/mem-0000000000') }],
    ['--memory-id', 'ListTagsForResource', { resourceArn: arn('memory/mem-0000000000') }],
    [
      '--memory-id',
      'UpdateHarness',
      {
        harnessId: 'h-1234567890',
        memory: {
          optionalValue: { agentCoreMemoryConfiguration: { arn: arn('memory/mem-0000000000') } },
        },
      },
    ],
    ['--gateway-id', 'DeleteGateway', { gatewayIdentifier: 'gate-0000000000' }],
    ['--gateway-id', 'GetResourcePolicy', { resourceArn: arn('gateway/gate-0000000000') }],
    ['--runtime-arn', 'StopRuntimeSession', { agentRuntimeArn: arn('runtime/agent-0000000000') }],
    ['--runtime-arn', 'GetAgentCard', { agentRuntimeArn: runtime.replace('123456789012', '000000000000') }],
    ['--runtime-arn', 'GetAgentCard', { agentRuntimeArn: `${runtime}/runtime-endpoint/DEFAULT` }],
    ['--runtime-arn', 'DeleteAgentRuntime', { agentRuntimeId: 'agent-0000000000' }],
    ['--region', 'ListTagsForResource', { resourceArn: arn('browser-custom/b-1234567890', 'us-east-1') }],
    ['--region', 'ListTagsForResource', { resourceArn: arn(`gateway/${gateway}`, 'us-east-1') }],
  ])('is a boundary: %s refuses %s %j', async (flag, name, params) => {
    const refused = await inputFor(name, params).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ToolFailure);
    const { code, message } = (refused as ToolFailure).details;
    expect(code).toBe('InvalidArgument');
    expect(message).toContain(`${name}: `);
    expect(message).toContain(` by ${flag}, so it cannot be `);
  });

  test('does not make other problems of an input unseen', async () => {
    await expect(inputFor('GetMemory', { memoryId: {} })).rejects.toThrow('memoryId must be a text');
  });
});

describe('a server with pins', () => {
  const call = async (flags: string[], tool: string, args: object) => {
    const { structuredContent } = await runTool(contextWith(flags), tool, args, patient());
    return structuredContent as Record<string, unknown>;
  };
  const dry = { dry_run: true };

  test('needs no memory in calls, and takes no other', async () => {
    const flags = ['--memory-id', memory];
    const operation = 'DeleteMemory';
    expect(await call(flags, 'call_aws_api', { operation, ...dry })).toMatchObject({
      request: expect.stringContaining(`/memories/${memory}/delete`),
    });
    const other = { operation, params: { memoryId: 'mem-0000000000' } };
    for (const args of [other, { ...other, ...dry }])
      expect(await call(flags, 'call_aws_api', args)).toMatchObject({
        code: 'InvalidArgument',
        message: expect.stringContaining('--memory-id'),
      });
  });

  test('asks for the pinned runtime where that is', async () => {
    const flags = ['--backend', 'aws', '--runtime-arn', runtime];
    const { request } = await call(flags, 'call_aws_api', { operation: 'GetAgentRuntime', ...dry });
    expect(request).toContain('https://bedrock-agentcore-control.eu-west-1.amazonaws.com/runtimes/agent-');
  });

  test.each([
    ['--memory-id', arn(`memory/${memory}`), 'GetMemory', `/memories/${memory}/details`],
    ['--gateway-id', arn(`gateway/${gateway}`), 'GetGateway', `/gateways/${gateway}/`],
  ])('asks for what %s pins by an ARN where that is', async (flag, pinned, operation, path) => {
    const flags = ['--backend', 'aws', flag, pinned];
    const { request } = await call(flags, 'call_aws_api', { operation, ...dry });
    expect(request).toContain(`https://bedrock-agentcore-control.eu-west-1.amazonaws.com${path}`);
  });

  test.each([
    ['--runtime-arn', runtime],
    ['--memory-id', arn(`memory/${memory}`)],
    ['--gateway-id', arn(`gateway/${gateway}`)],
  ])('does not start when %s is in another region than the pinned one', (flag, pinned) => {
    const start = (region: string) => contextWith(['--backend', 'aws', '--region', region, flag, pinned]);
    expect(() => start('us-east-1')).toThrow(UsageError);
    expect(() => start('us-east-1')).toThrow(
      `${flag}: ${pinned} is in eu-west-1, but --region is us-east-1.`,
    );
    expect(start('eu-west-1').pins).toMatchObject({ region: { value: 'eu-west-1' } });
  });

  test('follows no ARN into another region', async () => {
    const params = { resourceArn: arn('browser-custom/b-1234567890', 'us-east-1') };
    const args = { operation: 'ListTagsForResource', params };
    expect(await call(['--region', 'eu-west-1'], 'read_aws_api', args)).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('fixed to eu-west-1 by --region'),
    });
  });
});
