import type { CallToolResult } from '@modelcontextprotocol/client';
import type { Arguments, Data, Step } from './tour-steps.ts';

/** A call of a tool. */
export interface Call {
  tool: string;
  args: Arguments;
}

export const duration = (ms: number) => `${(ms / 1000).toFixed(1)} s`;

export function fileLines({ files = {} }: Step): string[] {
  const indented = (text: string) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => `| ${line}`.trimEnd());
  return Object.entries(files).flatMap(([name, text]) => [`${name}:`, ...indented(text)]);
}

export function callLines({ tool, args: { code, ...args } }: Call): string[] {
  const call = Object.keys(args).length > 0 ? `${tool} ${JSON.stringify(args)}` : tool;
  return [call, ...(code?.split('\n').map((line) => `| ${line}`) ?? [])];
}

export function answerLines({ show }: Step, { structuredContent = {} }: CallToolResult): string[] {
  const data = structuredContent as Data;
  return show.flatMap((key) => shown(key, data[key]));
}

function shown(key: string, value: unknown): string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  if (key === 'stdout' || key === 'lines' || key === 'results') return String(value).trimEnd().split('\n');
  if (key === 'downloaded' || key === 'saved') return (value as string[]).map((path) => `saved: ${path}`);
  if (key === 'capabilities') return (value as Capability[]).map(capabilityLine);
  return [
    `${key}: ${Array.isArray(value) ? value.map(inOneLine).join('; ') : isSteps(key, value) ? stepTimes(value) : inOneLine(value)}`,
  ];
}

const inOneLine = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : value);

/** Whether these are the seconds of each step of something, as deploy_agent tells them. */
function isSteps(key: string, value: unknown): value is Record<string, number> {
  return key === 'seconds' && typeof value === 'object';
}

const stepTimes = (steps: Record<string, number>) =>
  Object.entries(steps)
    .map(([step, seconds]) => `${step} ${seconds}`)
    .join(', ');

/** As get_status tells it. */
interface Capability {
  name: string;
  works: boolean;
  problem?: string;
  cure?: string;
}

const capabilityLine = ({ name, works, problem, cure }: Capability) =>
  works ? `${name}: works` : `${name}: OFF. ${sentences(problem, cure)}`;

export const sentences = (...parts: unknown[]) =>
  parts
    .filter(Boolean)
    .map((part) => (/[.!?]$/.test(String(part)) ? part : `${part}.`))
    .join(' ');
