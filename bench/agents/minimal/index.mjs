// The least that an agent of the HTTP contract can be. It answers with the payload; for {"stream": 3}, with three events.
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const EVENT_MS = 20;

async function bodyOf(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}');
}

async function invoke(request, response) {
  const payload = await bodyOf(request);
  if (!payload.stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify(payload));
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let event = 1; event <= payload.stream; event++) {
    response.write(`data: ${event}\n\n`);
    await sleep(EVENT_MS);
  }
  response.end();
}

function ping(response) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'Healthy' }));
}

const server = createServer((request, response) => {
  if (request.url === '/ping') return ping(response);
  invoke(request, response).catch(() => response.destroy());
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(JSON.stringify({ port: server.address().port }));
});
