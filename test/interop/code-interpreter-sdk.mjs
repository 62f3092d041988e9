/** Drives the code interpreter with AgentCore's TypeScript SDK, unmodified, and prints what it saw. */
import { CodeInterpreter } from 'bedrock-agentcore/code-interpreter';

const interpreter = new CodeInterpreter({ region: process.env.AWS_REGION });
const { sessionId } = await interpreter.startSession({ sessionName: 'typescript-sdk' });
await interpreter.writeFiles({ files: [{ path: 'greeting.txt', content: '¡Hola!' }] });
const seen = {
  sessionId,
  state: [
    await interpreter.executeCode({ code: 'n = 41' }),
    await interpreter.executeCode({ code: 'print(n + 1)' }),
  ],
  typed: [
    await interpreter.executeCode({ code: 'enum Size { Small = 41 }', language: 'typescript' }),
    await interpreter.executeCode({ code: 'Size.Small + 1', language: 'javascript' }),
  ],
  command: await interpreter.executeCommand({ command: 'cat greeting.txt' }),
  files: await interpreter.listFiles(),
  status: (await interpreter.getSession()).status,
};
await interpreter.stopSession();
seen.ended = (await interpreter.getSession({ sessionId })).status;
process.stdout.write(JSON.stringify(seen));
