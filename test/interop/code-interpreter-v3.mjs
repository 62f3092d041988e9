/** Drives the code interpreter with the AWS SDK for JavaScript, as configured by the environment, and prints what it saw. */
import {
  BedrockAgentCoreClient,
  GetCodeInterpreterSessionCommand,
  InvokeCodeInterpreterCommand,
  StartCodeInterpreterSessionCommand,
  StopCodeInterpreterSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  ListCodeInterpretersCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';

const codeInterpreterIdentifier = 'aws.codeinterpreter.v1';
const client = new BedrockAgentCoreClient();

async function invoke(sessionId, name, args) {
  const command = new InvokeCodeInterpreterCommand({
    codeInterpreterIdentifier,
    sessionId,
    name,
    arguments: args,
  });
  const results = [];
  for await (const event of (await client.send(command)).stream) results.push(event.result);
  const [result] = results;
  return result;
}

async function nameOf(work) {
  try {
    await work();
  } catch (error) {
    return [error.name, error.$metadata.httpStatusCode];
  }
}

const start = new StartCodeInterpreterSessionCommand({ codeInterpreterIdentifier, name: 'javascript' });
const { sessionId, createdAt } = await client.send(start);
const python = (code) => invoke(sessionId, 'executeCode', { language: 'python', code });
const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);

const seen = { session: sessionId, created: createdAt instanceof Date };
await python('n = 41');
seen.state = await python('print(n + 1)');
seen.failure = await python('1 / 0');
seen.command = await invoke(sessionId, 'executeCommand', { command: 'echo out; echo err >&2; exit 3' });
await invoke(sessionId, 'writeFiles', { content: [{ path: 'b.bin', blob: bytes }] });
const read = await invoke(sessionId, 'readFiles', { paths: ['b.bin'] });
seen.binaryIntact = Buffer.compare(read.content[0].resource.blob, bytes) === 0;
const { structuredContent } = await invoke(sessionId, 'startCommandExecution', {
  command: 'echo ok; exit 2',
});
const { taskId } = structuredContent;
do seen.task = await invoke(sessionId, 'getTask', { taskId });
while (seen.task.structuredContent.taskStatus === 'working');
await client.send(new StopCodeInterpreterSessionCommand({ codeInterpreterIdentifier, sessionId }));
const get = new GetCodeInterpreterSessionCommand({ codeInterpreterIdentifier, sessionId });
seen.stopped = (await client.send(get)).status;
seen.afterStop = await nameOf(() => python('1'));
const listed = await new BedrockAgentCoreControlClient().send(new ListCodeInterpretersCommand());
seen.interpreters = listed.codeInterpreterSummaries.map((summary) => summary.codeInterpreterId);
process.stdout.write(JSON.stringify(seen));
