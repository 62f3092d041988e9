import { type PartSetUp, setUpBrowser } from './browser.ts';
import { setUpEmbeddingModel } from './embedding-model.ts';
import { makeEnvironment } from './environment.ts';
import { failedRecently, remember } from './recent-failure.ts';
import { type Found, findBubblewrap, findPython } from './requirements.ts';
import { canInstall, installCommand, installPackages, type Need } from './system-packages.ts';

export interface SetUpOptions {
  /** Takes one line of what is done. */
  say(line: string): void;
  /** Asks before the system is changed; absent where nobody can answer, and then it is changed without asking. */
  confirm?(question: string): Promise<boolean>;
  /** Do not try again to change the system where that failed, or was declined, within the last hour. */
  patient?: boolean;
}

/**
 * Installs what sessions need and is not there yet: bubblewrap, Python, the managed Python environment, and Chromium;
 * and the multilingual embedding model, without which memory is searched in English.
 * @returns whether everything is there now. What is missing was said, with its cure.
 */
export async function setUp({ say, confirm, patient = false }: SetUpOptions): Promise<boolean> {
  if (process.platform !== 'linux') {
    say('Code and browser sessions need Linux for now; they are off on this system. Everything else works.');
    return true;
  }
  const mayInstall = !(patient && failedRecently('system-packages'));
  const code = await setUpCode({ say, confirm, mayInstall });
  if (code.works) await setUpEmbeddingModel({ say, patient });
  const browser = await setUpBrowser({ say, confirm, mayInstall });
  if (mayInstall) remember('system-packages', { failed: code.failed || browser.failed });
  return code.works && browser.works;
}

async function setUpCode({ say, confirm, mayInstall }: PartSetUp) {
  let found = await look();
  const tried = found.needs.length > 0 && mayInstall && (await canInstall());
  if (tried) {
    await install(found.needs, say, confirm);
    found = await look();
  }
  for (const missing of found.missing)
    say(`Code sessions are off: ${missing}. To mend it: ${installCommand(found.needs)}`);
  const environment = found.python.works && (await makeEnvironment(found.python, say));
  return { works: found.missing.length === 0 && environment, failed: tried && found.needs.length > 0 };
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

async function install(
  needs: readonly Need[],
  say: SetUpOptions['say'],
  confirm: SetUpOptions['confirm'],
): Promise<void> {
  const question = `Code sessions need ${needs.join(' and ')}. Install with apt-get now? [Y/n] `;
  if (confirm && !(await confirm(question))) {
    say('Not installed.');
    return;
  }
  say(`Installing ${needs.join(' and ')} with apt-get ...`);
  const failure = await installPackages(needs);
  if (failure !== undefined) say(`apt-get failed. It said last:\n${failure}`);
}
