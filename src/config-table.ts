import { z } from 'zod';
import { list, oneOf, text, toggle, value, wholeNumber } from './options.ts';

/** Groups of tools that can be offered apart. */
export const toolsets = ['core', 'code', 'browser', 'agents', 'memory', 'api'] as const;
export type Toolset = (typeof toolsets)[number];

const backend = 'Backend';
const agents = 'Agents';
const browsers = 'Browsers';
const memory = 'Memory';
const tools = 'Tools';
const server = 'Server';
const account = text('an account number of 12 digits', /^\d{12}$/);
const toolName = text('a tool name such as run_code', /^[a-z0-9_]{1,40}$/);
const path = text('a path');
const hosts = text('a host, *.domain, address or network');
const modelServer = text('a URL such as http://127.0.0.1:11434/v1', /^https?:\/\/[^/]/);
const modelKey = text('a key');
/** What a bearer token looks like. */
export const token = text('at least 16 characters without spaces', /^[!-~]{16,}$/);

/** Every setting: the flags, the AGENTCORE_MCP_* variables and the option table of the README follow from this table. */
export const configTable = z.object({
  backend: value(oneOf(['local', 'aws']), {
    group: backend,
    default: 'local',
    description: 'Who does the work: the local engine on this machine, or AWS.',
  }),
  region: value(text('a region such as us-east-1', /^[a-z]{2}(-[a-z]+)+-\d+$/), {
    group: backend,
    description:
      'Fix the region: no call may name another, also not by an ARN. Unset, AWS_REGION or the profile decides (us-east-1 on the local engine), and calls may name others.',
  }),
  profile: value(text('the name of an AWS profile'), {
    group: backend,
    description: 'AWS profile to take credentials from, with `--backend aws`.',
  }),
  dataDir: value(path, {
    group: backend,
    description:
      "Folder of the local engine's state. Unset: `agentcore-mcp` where the system keeps user data.",
  }),
  account: value(account, {
    group: backend,
    default: '000000000000',
    description: 'Account of the local engine. Accounts share nothing.',
  }),
  engineIdle: value(wholeNumber(1, 86_400), {
    group: backend,
    default: '900',
    description: 'Seconds without sessions, tasks and calls after which the local engine exits.',
  }),
  spares: value(wholeNumber(0, 16), {
    group: backend,
    description:
      'Sandboxes the local engine keeps ready, with numpy, pandas and matplotlib loaded, so that code sessions start at once, and browsers for browser sessions; some 60 MB a sandbox and 200 MB a browser, 0 for none. Unset: by free memory, at most 4 and 2.',
  }),
  // Read in platform/paths.ts, for the engine and the set-up as well.
  pythonHome: value(path, {
    group: backend,
    envOnly: true,
    description:
      'Folder of the Python environments that setup makes, and of the embedding model that it fetches. Unset: `agentcore-mcp/python` where the system keeps user data.',
  }),
  allowWrites: toggle({
    group: backend,
    description:
      'On AWS, allow calls that create, change, run or delete. The local engine always allows them.',
  }),
  expectAccount: value(account, {
    group: backend,
    description: 'Refuse to work in any other AWS account.',
  }),
  deployBucket: value(text('the name of an S3 bucket', /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/), {
    group: backend,
    description:
      'On AWS: the S3 bucket that the code of agents is uploaded to. The local engine makes its own.',
  }),
  deployRole: value(text('the ARN of an IAM role', /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/), {
    group: backend,
    description: 'On AWS: the ARN of the execution role that new agents run with.',
  }),
  memoryId: value(text('the id of a memory'), {
    group: backend,
    description:
      'Fix the memory: calls about one are about this one, which need not be named, and any other is refused. Calls about none, such as ListMemories, stay as they are.',
  }),
  gatewayId: value(text('the id of a gateway'), {
    group: backend,
    description: 'Fix the gateway, likewise.',
  }),
  runtimeArn: value(text('the ARN of an agent runtime', /^arn:/), {
    group: backend,
    description: 'Fix the agent runtime, likewise.',
  }),
  modelUrl: value(modelServer, {
    group: agents,
    description:
      'The language model of agents on the local engine: an OpenAI-compatible server, such as Ollama, LM Studio or vLLM. It answers for Bedrock.',
  }),
  modelName: value(text('the name of a model'), {
    group: agents,
    description:
      'With `--model-url`: the model to use for every model id that agents ask for. Unset: the server must have exactly one, or know the id.',
  }),
  modelApiKey: value(modelKey, {
    group: agents,
    secret: true,
    description: 'The key that the server at `--model-url` wants.',
  }),
  modelBedrock: toggle({
    group: agents,
    description:
      'Let Amazon Bedrock itself answer the agents of the local engine, with your AWS credentials (AWS_PROFILE, AWS_REGION or `--profile`).',
  }),
  modelScript: value(path, {
    group: agents,
    description: 'Let rules in a file answer instead of a language model, for tests and trials.',
  }),
  agentAllowHosts: list(hosts, {
    group: agents,
    description:
      'Hosts that agents and code sessions with internet may reach on the local engine although their addresses are private. Public addresses they reach anyway.',
  }),
  browserAllowHosts: list(hosts, {
    group: browsers,
    description:
      'Hosts that pages may reach on the local engine although their addresses are private, such as `127.0.0.1:3000`.',
  }),
  browserBlockHosts: list(hosts, {
    group: browsers,
    description: 'Hosts that pages may not reach on the local engine, whatever `--browser-allow-hosts` says.',
  }),
  browserPath: value(path, {
    group: browsers,
    description:
      'The Chromium, Chrome or Edge that the local engine starts. Unset: the first that is found on the search path, that of Playwright, or the one that comes with this package on Linux x64.',
  }),
  embeddingUrl: value(modelServer, {
    group: memory,
    description:
      'The embedding model that the local engine searches memory with: an OpenAI-compatible server, such as Ollama, LM Studio or vLLM. Unset: the one that setup has fetched, which knows fifteen languages, otherwise the one that comes with this package, for English.',
  }),
  embeddingName: value(text('the name of an embedding model'), {
    group: memory,
    description:
      'With `--embedding-url`: the name of the model, such as `bge-m3`. With `--embedding-bedrock`: its id. Another model than before embeds all memory anew, in the background.',
  }),
  embeddingApiKey: value(modelKey, {
    group: memory,
    secret: true,
    description: 'The key that the server at `--embedding-url` wants.',
  }),
  embeddingBedrock: toggle({
    group: memory,
    description:
      'Search memory of the local engine with an embedding model of Amazon Bedrock (Titan or Cohere; unless named, `amazon.titan-embed-text-v2:0`) and your AWS credentials.',
  }),
  strictRuntime: toggle({
    group: agents,
    description:
      'Refuse agents whose very version of Python or Node this machine does not have. Without it the nearest version runs them.',
  }),
  workspace: value(path, {
    group: tools,
    description:
      'The only folder tools read from and write to on this machine. Unset: the current folder, if it is a project folder, otherwise `workspace` in the data directory.',
  }),
  toolsets: list(oneOf(toolsets), {
    group: tools,
    description: `Offer only these groups of tools: ${toolsets.join(', ')}.`,
  }),
  tools: list(toolName, {
    group: tools,
    description:
      'Offer only these tools. With `--toolsets`, offer them as well. get_task comes with every tool that may take long, stop_session with every one that starts sessions.',
  }),
  excludeTools: list(toolName, {
    group: tools,
    description: 'Leave these tools out. Without get_task, calls that take long are waited for.',
  }),
  readOnly: toggle({
    group: tools,
    description: 'Offer only tools that change nothing and run nothing.',
  }),
  maxResultTokens: value(wholeNumber(500, 20_000), {
    group: tools,
    default: '4000',
    description: 'Longest result of one call, in tokens; the rest is offered by a link or a cursor.',
  }),
  waitSeconds: value(wholeNumber(0, 3_600), {
    group: tools,
    default: '45',
    description: 'How long a call waits before it answers "running" with a task. Many clients give up at 60.',
  }),
  transport: value(oneOf(['stdio', 'http']), {
    group: server,
    default: 'stdio',
    description: 'How clients connect.',
  }),
  host: value(text('a host name or address'), {
    group: server,
    default: '127.0.0.1',
    description: 'Address to listen on, with `--transport http`.',
  }),
  port: value(wholeNumber(0, 65_535), {
    group: server,
    default: '8620',
    description: 'Port to listen on, with `--transport http`; 0 takes a free one.',
  }),
  allowedHosts: list(text('a host name'), {
    group: server,
    description: 'Further host names under which clients reach the HTTP server.',
  }),
  allowedOrigins: list(text('an origin such as https://example.com', /^[a-z][a-z0-9+.-]*:\/\/[^/]+$/), {
    group: server,
    description: 'Origins of web pages that may use the HTTP server.',
  }),
  bearerToken: value(token, {
    group: server,
    secret: true,
    description: 'The token HTTP clients must send. Unset, one is made and kept in the data directory.',
  }),
  bearerTokenFile: value(path, {
    group: server,
    description: 'File to read that token from.',
  }),
  allowUnauthenticated: toggle({
    group: server,
    description:
      'Serve HTTP without a token, on a loopback address only. Every user of this machine can then run code.',
  }),
  logLevel: value(oneOf(['error', 'warn', 'info', 'debug']), {
    group: server,
    default: 'info',
    description: 'How much is written to stderr.',
  }),
});
