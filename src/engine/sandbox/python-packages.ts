import { join } from 'node:path';
import type { Mount } from './mounts.ts';
import { emptyEnvironment, type Placed } from './python-installation.ts';

/** Where the environment is inside a sandbox. */
export const ENVIRONMENT = '/opt/python-env';
/** Where the packages of this machine are, when the environment itself is the session's own. */
const GIVEN = '/opt/python-packages';

/** Before pip, whose own words are about the packages it did not find and not about the internet. */
const OFFLINE_PIP = `#!/bin/sh
${ENVIRONMENT}/bin/python -m pip "$@" && exit
code=$?
case "$1" in install|download|wheel)
  echo "There is no internet here: only what is in a file can be installed. \\\`pip list\\\` shows the packages there are. Sessions with internet are those of run_code with internet: true, or of a code interpreter whose networkMode is PUBLIC." >&2
esac
exit $code
`;

const PIP = `#!/bin/sh
exec ${ENVIRONMENT}/bin/python -m pip "$@"
`;

const pip = (content: string): Mount[] =>
  ['pip', 'pip3'].map((name) => ({
    kind: 'file',
    content,
    target: join(ENVIRONMENT, 'bin', name),
    executable: true,
  }));

/** The packages of an environment of this machine, to which none can be added. */
export function fixedPackages(environment: string, placed: Placed): Mount[] {
  return [
    { kind: 'bind', source: join(environment, 'lib'), target: join(ENVIRONMENT, 'lib') },
    { kind: 'link', to: 'lib', target: join(ENVIRONMENT, 'lib64') },
    ...emptyEnvironment(ENVIRONMENT, placed),
    ...pip(OFFLINE_PIP),
  ];
}

/**
 * The same packages, and an environment in memory before them that pip installs into: what it gets hides what is given, and
 * what is given counts as installed.
 * @param bytes How large it may become.
 */
export function growingPackages(environment: string, placed: Placed, bytes: number): Mount[] {
  const [major, minor] = placed.version.split('.');
  const packages = join('lib', `python${major}.${minor}`, 'site-packages');
  const own = join(ENVIRONMENT, packages);
  const addGiven = `import site; site.addsitedir("${join(GIVEN, packages)}")\n`;
  return [
    { kind: 'bind', source: join(environment, 'lib'), target: join(GIVEN, 'lib') },
    { kind: 'memory', target: ENVIRONMENT, bytes, mode: '0755' },
    { kind: 'folder', target: join(ENVIRONMENT, 'bin'), mode: '0777' },
    { kind: 'folder', target: own, mode: '0777' },
    { kind: 'link', to: 'lib', target: join(ENVIRONMENT, 'lib64') },
    { kind: 'file', content: addGiven, target: join(own, 'given-packages.pth') },
    ...emptyEnvironment(ENVIRONMENT, placed),
    ...pip(PIP),
  ];
}
