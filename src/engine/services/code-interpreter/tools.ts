import type {
  CodeInterpreterResult,
  ContentBlock,
  ToolArguments,
  ToolName,
} from '@aws-sdk/client-bedrock-agentcore';
import type { CallOptions } from '../../sandbox/sandbox.ts';
import { SandboxError } from '../../sandbox/sandbox.ts';
import { invalid } from '../exceptions.ts';
import {
  blobBlock,
  cellResult,
  commandResult,
  entryBlock,
  fileBlock,
  taskResult,
  textBlock,
} from './results.ts';
import { Room } from './room.ts';
import type { Running } from './sessions.ts';

/** Does the work of one InvokeCodeInterpreter call whose arguments have been checked. */
export type Work = (session: Running, options: CallOptions) => Promise<CodeInterpreterResult>;

/**
 * What a call asks for, with its arguments checked before anything runs.
 * @throws ValidationException for arguments that are missing or name what this engine does not run.
 */
export function prepare(name: ToolName, given: ToolArguments = {}): Work {
  switch (name) {
    case 'executeCode':
      return executeCode(given);
    case 'executeCommand':
      return executeCommand(required(given, 'command'));
    case 'readFiles':
      return readFiles(required(given, 'paths'));
    case 'writeFiles':
      return writeFiles(required(given, 'content'));
    case 'listFiles':
      return listFiles(given.directoryPath || given.path || '.');
    case 'removeFiles':
      return removeFiles(required(given, 'paths'));
    case 'startCommandExecution':
      return startCommand(required(given, 'command'));
    case 'getTask':
      return getTask(required(given, 'taskId'));
    case 'stopTask':
      return stopTask(required(given, 'taskId'));
    default:
      throw invalid('name', `The local engine has no tool ${name}.`);
  }
}

function executeCode(given: ToolArguments): Work {
  const code = required(given, 'code');
  const language = required(given, 'language');
  const { runtime } = given;
  if (runtime !== undefined && (runtime === 'python') !== (language === 'python'))
    throw invalid(
      'arguments.runtime',
      `The runtime ${runtime} does not run ${language}; python needs python, javascript and typescript nodejs or deno.`,
    );
  // On AWS too, it is for Python alone.
  const fresh = language === 'python' && given.clearContext === true;
  return unlessRefused(async ({ sandbox }, options) =>
    cellResult(await sandbox.runCell({ code, language, runtime, fresh }, options), options),
  );
}

function executeCommand(command: string): Work {
  return unlessRefused(async ({ sandbox }, options) =>
    commandResult(await sandbox.runCommand(command, options), options),
  );
}

function startCommand(command: string): Work {
  return unlessRefused(async ({ tasks }) => {
    const { id: taskId } = await tasks.start(command);
    return {
      ...succeeded('Successfully started a command execution task'),
      structuredContent: { taskId, taskStatus: 'submitted', stdout: '', stderr: '' },
    };
  });
}

function getTask(id: string): Work {
  return unlessRefused(async ({ tasks }) => taskResult(tasks.find(id)));
}

function stopTask(id: string): Work {
  return unlessRefused(async ({ tasks }) => {
    const task = tasks.find(id);
    await task.stop();
    if (task.status !== 'canceled') return failed([`Task ${id} had ended before: it is ${task.status}.`]);
    return succeeded('Successfully canceled a command execution task');
  });
}

/** The same; what the sandbox refuses is a failure of the code's. */
function unlessRefused(work: Work): Work {
  return async (session, options) => {
    try {
      return await work(session, options);
    } catch (error) {
      return failed([describeFailure(error)]);
    }
  };
}

function readFiles(paths: string[]): Work {
  return async ({ sandbox }) => {
    const room = new Room();
    return forEachPath(paths, async (path) => {
      const content = await sandbox.readFile(path, room.forFile);
      // Text may grow on its way, by what JSON escapes; bytes do not.
      const block = [fileBlock(path, content), blobBlock(path, content)].find((form) => room.take(form));
      if (block) return block;
      throw new SandboxError('too-large', `${path} does not fit into this answer. Read fewer files at once.`);
    });
  };
}

function writeFiles(files: NonNullable<ToolArguments['content']>): Work {
  for (const [index, { text, blob }] of files.entries()) {
    if ((text === undefined) === (blob === undefined))
      throw invalid(`arguments.content[${index}]`, 'A file needs exactly one of text and blob.');
  }
  return async ({ sandbox }) => {
    for (const { path, text, blob } of files) {
      const failure = await failureOf(sandbox.writeFile(path ?? '', blob ?? Buffer.from(text ?? '')));
      if (failure) return failed([failure]);
    }
    return succeeded(`Successfully wrote all ${files.length} files`);
  };
}

function listFiles(path: string): Work {
  return async ({ sandbox }) => {
    try {
      const content = (await sandbox.listFiles(path)).map(entryBlock);
      const room = new Room();
      if (content.every((block) => room.take(block))) return { content, isError: false };
      return failed([
        `${path} has ${content.length} entries, too many for one answer. List its folders, or use executeCommand.`,
      ]);
    } catch (error) {
      return failed([describeFailure(error)]);
    }
  };
}

function removeFiles(paths: string[]): Work {
  return async ({ sandbox }) => {
    for (const path of paths) {
      const failure = await failureOf(sandbox.removeFile(path));
      if (failure) return failed([failure]);
    }
    return succeeded(`Successfully removed all ${paths.length} files`);
  };
}

/** Answers what could be read together with a line for each path that could not. */
async function forEachPath(
  paths: string[],
  read: (path: string) => Promise<ContentBlock>,
): Promise<CodeInterpreterResult> {
  const content: ContentBlock[] = [];
  let isError = false;
  for (const path of paths) {
    try {
      content.push(await read(path));
    } catch (error) {
      isError = true;
      content.push(textBlock(describeFailure(error)));
    }
  }
  return { content, isError };
}

async function failureOf(work: Promise<void>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    return describeFailure(error);
  }
}

/** In words for the caller. The end of the whole sandbox is not a file's failure and goes on up. */
function describeFailure(error: unknown): string {
  if (error instanceof SandboxError && error.code !== 'ended') return error.message;
  throw error;
}

function succeeded(text: string): CodeInterpreterResult {
  return { content: [textBlock(text)], isError: false };
}

function failed(lines: string[]): CodeInterpreterResult {
  return { content: lines.map(textBlock), isError: true };
}

function required<Key extends keyof ToolArguments>(
  given: ToolArguments,
  key: Key,
): NonNullable<ToolArguments[Key]> {
  const value = given[key];
  if (value === undefined) throw invalid(`arguments.${key}`, `This tool needs arguments.${key}.`);
  return value;
}
