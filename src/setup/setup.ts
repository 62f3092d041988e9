import { makeEnvironment } from './environment.ts';
import { type Found, findBubblewrap, findPython } from './requirements.ts';
import { canInstall, installCommand, installPackages, type Need } from './system-packages.ts';

export interface SetUpOptions {
  /** Takes one line of what is done. */
  say(line: string): void;
  /** Asks before the system is changed; absent where nobody can answer, and then it is changed without asking. */
  confirm?(question: string): Promise<boolean>;
}

/**
 * Installs what code sessions need and is not there yet: bubblewrap, Python, and the managed Python environment.
 * @returns whether everything is there now. What is missing was said, with its cure.
 */
export async function setUp({ say, confirm }: SetUpOptions): Promise<boolean> {
  if (process.platform !== 'linux') {
    say('Code sessions need Linux for now; run_code is off on this system. Everything else works.');
    return true;
  }
  let found = await look();
  if (found.needs.length > 0 && (await mayInstall(found.needs, say, confirm))) {
    say(`Installing ${found.needs.join(' and ')} with apt-get ...`);
    const failure = await installPackages(found.needs);
    if (failure !== undefined) say(`apt-get failed. It said last:\n${failure}`);
    found = await look();
  }
  for (const missing of found.missing)
    say(`Code sessions are off: ${missing}. To mend it: ${installCommand(found.needs)}`);
  const environment = found.python.works && (await makeEnvironment(found.python, say));
  return found.missing.length === 0 && environment;
}

async function look() {
  const [bubblewrap, python] = await Promise.all([findBubblewrap(), findPython()]);
  const wanted: [Need, Found][] = [
    ['bubblewrap', bubblewrap],
    ['python', python],
  ];
  return {
    python,
    needs: wanted.flatMap(([need, found]) => (found.works ? [] : [need])),
    missing: wanted.flatMap(([, found]) => (found.works ? [] : [found.missing])),
  };
}

async function mayInstall(
  needs: readonly Need[],
  say: SetUpOptions['say'],
  confirm: SetUpOptions['confirm'],
) {
  if (!(await canInstall())) return false;
  if (!confirm) return true;
  const agreed = await confirm(`Code sessions need ${needs.join(' and ')}. Install with apt-get now? [Y/n] `);
  if (!agreed) say('Not installed.');
  return agreed;
}
