import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Interpreter } from '../../sandbox/interpreters.ts';
import { programs } from './artifact/entry-point.ts';
import { CODE } from './session-contract.ts';
import type { LaunchConfig } from './target.ts';

/**
 * What starts an agent, as paths inside the sandbox. A launcher, such as `opentelemetry-instrument`, is a vendored
 * program; it gets a Python file with the interpreter before it, because the file need not be executable.
 * @throws Error when the launcher is not part of the code.
 */
export function commandLine(
  config: Pick<LaunchConfig, 'entryPoint' | 'codeFolder'>,
  interpreter: Interpreter,
) {
  const [first = '', second] = config.entryPoint;
  const { executable, language } = interpreter;
  if (second === undefined) return [executable, `${CODE}/${first}`];
  const launched = second.endsWith('.py') ? [executable, `${CODE}/${second}`] : [second];
  if (first === language) return launched.length === 1 ? [executable, second] : launched;
  const program = join(programs[language], first);
  const onHost = join(config.codeFolder, program);
  if (!existsSync(onHost))
    throw new Error(
      `The entry point starts with ${first}, which the code does not have at ${program}. Vendor the package that it ` +
        'comes with, or use the file alone as the entry point.',
    );
  const script = beginning(onHost);
  return [...(isNative(script) ? [] : [executable]), `${CODE}/${program}`, ...launched];
}

/** Whether the system runs it by itself: the scripts of packages name an interpreter of the machine they were made on. */
const isNative = (text: string) => text.startsWith('\x7fELF') || /^#!.*\b(?:ba|da)?sh\b/.test(text);

function beginning(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(256);
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}
