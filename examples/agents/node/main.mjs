// An agent in JavaScript on the npm package bedrock-agentcore. It has no model: it shows that text goes in and comes out.
import { BedrockAgentCoreApp } from 'bedrock-agentcore/runtime';

const said = [];

const app = new BedrockAgentCoreApp({
  invocationHandler: {
    process: async (request, context) => {
      said.push(request.prompt);
      return { answer: `You said: ${said.join(', ')}`, session: context.sessionId };
    },
  },
});

app.run();
