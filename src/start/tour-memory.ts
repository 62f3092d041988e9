import { defaultMemory } from '../agentcore/memory/memories.ts';
import type { Step } from './tour-steps.ts';

/** Remembers, recalls and forgets, for somebody whom nobody else remembers anything of. */
export function memorySteps(actor: string): readonly Step[] {
  return [
    {
      title: 'A fact is remembered; any client of yours can ask for it later',
      tool: 'remember',
      args: { actor, text: 'Ada takes her coffee black, but with a little cardamom.' },
      show: ['id'],
      expect: 'mem-',
    },
    {
      title: 'It is found by what it means, whatever the words',
      tool: 'retrieve_memory',
      args: { actor, query: 'Which spice goes into her hot drink?', limit: 1 },
      show: ['found'],
      expect: 'cardamom',
    },
    {
      title: 'And forgotten',
      tool: 'call_aws_api',
      args: (answers) => ({
        operation: 'DeleteMemoryRecord',
        params: { memoryId: defaultMemory, memoryRecordId: String(answers.get('remember')?.id) },
      }),
      show: ['result'],
      expect: 'mem-',
    },
  ];
}
