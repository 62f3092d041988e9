import { ownProcessor } from './binaries.ts';

/** Of CPython, e.g. `[3, 11]`. */
export type PythonVersion = readonly [major: number, minor: number];

/** @param version e.g. `3.11.7`. */
export function pythonVersion(version: string): PythonVersion {
  const [major = 3, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}

/**
 * Whether a wheel with this tag runs here, e.g. `cp311-cp311-manylinux_2_17_x86_64`. The version of the C library is not
 * looked at. See https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/.
 */
export function tagFits(tag: string, version: PythonVersion): boolean {
  const [python = '', abi = '', platform = ''] = tag.split('-');
  return platformFits(platform) && python.split('.').some((one) => pythonFits(one, abi, version));
}

function platformFits(platform: string): boolean {
  return platform.split('.').some((one) => one === 'any' || fitsLinux(one));
}

const fitsLinux = (platform: string) =>
  /^(many)?linux/.test(platform) && platform.endsWith(`_${ownProcessor}`);

function pythonFits(python: string, abi: string, [major, minor]: PythonVersion): boolean {
  const [, implementation, wantedMajor, wantedMinor] = /^([a-z]+)(\d)(\d*)$/.exec(python) ?? [];
  if (Number(wantedMajor) !== major) return false;
  if (implementation === 'py') return wantedMinor === '' || Number(wantedMinor) <= minor;
  if (implementation !== 'cp') return false;
  if (abi === 'abi3') return Number(wantedMinor) <= minor;
  return Number(wantedMinor) === minor && (abi === 'none' || /^cp\d+m?$/.test(abi));
}

/** Whether an extension module's name says that it is for this Python, or nothing about it, e.g. `x.cpython-311-x86_64-linux-gnu.so`. */
export function moduleFits(file: string, [major, minor]: PythonVersion): boolean {
  const [, tag] = /\.(?:cpython-|cp)(\d+t?)[-.][^/]*$/.exec(file) ?? [];
  return tag === undefined || tag === `${major}${minor}`;
}
