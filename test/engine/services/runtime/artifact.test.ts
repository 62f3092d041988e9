import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { codeLimits, unzip } from '../../../../src/engine/services/artifacts/unzip.ts';
import { checkEntryPoint } from '../../../../src/engine/services/runtime/artifact/entry-point.ts';
import { temporaryDir } from '../../../support/temporary.ts';
import {
  directoryEntries,
  FLAGS,
  LOCAL_OFFSET,
  UNCOMPRESSED_SIZE,
  zipOf,
  zipWithNames,
} from './control-zips.ts';

const MB = 1024 ** 2;
const { signal } = new AbortController();

/** Unpacks below a new folder, so that what leads out of it would still be seen. */
async function unpack(zip: Buffer, limits = codeLimits) {
  const around = temporaryDir();
  const file = join(around, 'code.zip');
  const folder = join(around, 'deep', 'code');
  writeFileSync(file, zip);
  mkdirSync(join(around, 'deep'));
  await unzip(file, folder, { limits, signal });
  return folder;
}

describe('unpacking', () => {
  test('files, folders and what is executable', async () => {
    const folder = await unpack(
      await zipOf({
        'main.py': 'print(1)',
        'deep/er/module.py': { text: 'x = 1', mode: 0o100600 },
        'bin/tool': { text: '#!/bin/sh', mode: 0o100755 },
        'Ünï çødé.txt': 'ü',
        empty: '',
        'large.bin': Buffer.alloc(2 * MB, 'x'),
      }),
    );
    expect(readFileSync(join(folder, 'deep/er/module.py'), 'utf8')).toBe('x = 1');
    expect(readFileSync(join(folder, 'Ünï çødé.txt'), 'utf8')).toBe('ü');
    expect(statSync(join(folder, 'bin/tool')).mode & 0o111).toBe(0o111);
    expect(statSync(join(folder, 'main.py')).mode & 0o111).toBe(0);
    expect(statSync(join(folder, 'empty')).size).toBe(0);
    expect(readFileSync(join(folder, 'large.bin')).equals(Buffer.alloc(2 * MB, 'x'))).toBe(true);
  });

  test.for([
    ['a path that leads out', '../evil.py'],
    ['one that does so in the middle', 'a/../../b'],
    ['an absolute path', '/etc/evil.py'],
    ['a backslash', '..\\evil.py'],
    ['a drive', 'C:evil.py'],
    ['a NUL', 'evil\0.py'],
    ['a dot', './evil.py'],
    ['an empty part', 'a//evil.py'],
  ] as const)('%s is refused', async ([, name]) => {
    const zip = await zipWithNames({ ['x'.repeat(name.length)]: name });
    await expect(unpack(zip)).rejects.toMatchObject({ name: 'ArtifactError' });
  });

  test.for([
    ['a symbolic link', 0o120777, /symbolic link/],
    ['a device', 0o020644, /neither a file nor a folder/],
    ['a pipe', 0o010644, /neither a file nor a folder/],
  ] as const)('%s is refused', async ([, mode, message]) => {
    await expect(unpack(await zipOf({ 'main.py': '', odd: { text: '/etc/passwd', mode } }))).rejects.toThrow(
      message,
    );
  });

  test('two files of one name, and a file where a folder is, are refused', async () => {
    await expect(unpack(await zipWithNames({ 'one.py': 'two.py', 'two.py': 'two.py' }))).rejects.toThrow(
      /two entries for one path: two.py/,
    );
    await expect(unpack(await zipWithNames({ 'a/b': 'a/b', c: 'a' }))).rejects.toThrow(
      /two entries for one path/,
    );
  });

  test('names that no file can have are refused', async () => {
    await expect(unpack(await zipOf({ ['n'.repeat(300)]: '' }))).rejects.toThrow(
      /longer than a file name can be/,
    );
  });

  test('an encrypted entry is refused', async () => {
    const zip = await zipOf({ 'main.py': 'print(1)' });
    for (const at of directoryEntries(zip)) zip.writeUInt16LE(zip.readUInt16LE(at + FLAGS) | 1, at + FLAGS);
    await expect(unpack(zip)).rejects.toThrow(/is encrypted/);
  });

  test('more than may be unpacked is refused before anything is written', async () => {
    const zip = await zipOf({ 'a.bin': Buffer.alloc(3 * MB), 'b.bin': Buffer.alloc(3 * MB) });
    expect(zip.length).toBeLessThan(20_000);
    await expect(unpack(zip, { ...codeLimits, bytes: 5 * MB })).rejects.toThrow(/more than the 5 MB/);
  });

  test('an entry that is longer than it says is refused when it is', async () => {
    const zip = await zipOf({ 'bomb.bin': Buffer.alloc(3 * MB) });
    for (const at of directoryEntries(zip)) zip.writeUInt32LE(10, at + UNCOMPRESSED_SIZE);
    await expect(unpack(zip)).rejects.toThrow(/too many bytes/);
  });

  test('entries that share their bytes are refused', async () => {
    const zip = await zipOf({ 'a.bin': Buffer.alloc(MB), 'b.bin': Buffer.alloc(MB) });
    const second = directoryEntries(zip)[1] ?? 0;
    zip.writeUInt32LE(0, second + LOCAL_OFFSET);
    await expect(unpack(zip)).rejects.toThrow(/overlap/);
  });

  test('too many entries are refused', async () => {
    const zip = await zipOf(Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}`, ''])));
    await expect(unpack(zip, { ...codeLimits, entries: 19 })).rejects.toThrow(/more than 19 entries/);
  });

  test('a damaged zip and what is no zip are refused', async () => {
    const zip = await zipOf({ 'main.py': { text: 'print(1)' } });
    const central = directoryEntries(zip)[0] ?? 0;
    zip.writeUInt32LE(1, central + 16);
    await expect(unpack(zip)).rejects.toThrow(/main.py fails its check sum/);
    await expect(unpack(Buffer.from('not a zip at all'))).rejects.toThrow(/cannot be unpacked/);
    await expect(unpack(Buffer.alloc(0))).rejects.toThrow(/cannot be unpacked/);
  });

  test('a stop in the middle is no fault of the zip', async () => {
    const around = temporaryDir();
    writeFileSync(join(around, 'code.zip'), await zipOf({ 'main.py': '' }));
    await expect(
      unzip(join(around, 'code.zip'), join(around, 'code'), {
        signal: AbortSignal.abort(new Error('closing')),
      }),
    ).rejects.toThrow('closing');
    expect(existsSync(join(around, 'code', 'main.py'))).toBe(false);
  });
});

describe('entry points', () => {
  const files = [
    'main.py',
    'app/index.mjs',
    'src/agent.ts',
    'bin/opentelemetry-instrument',
    'node_modules/.bin/tsx',
  ];

  test.for([
    ['PYTHON_3_13', ['main.py']],
    ['PYTHON_3_13', ['./main.py']],
    ['PYTHON_3_13', ['opentelemetry-instrument', 'main.py']],
    ['PYTHON_3_13', ['opentelemetry-instrument', 'main:app']],
    ['PYTHON_3_13', ['python', 'main.py']],
    ['NODE_22', ['app/index.mjs']],
    ['NODE_22', ['node', 'app/index.mjs']],
  ] as const)('%s %j', ([runtime, entryPoint]) => checkEntryPoint(runtime, entryPoint, files));

  test.for([
    [
      'PYTHON_3_13',
      ['agent.py'],
      /not in the zip. At its root are: app\/, bin\/, main.py, node_modules\/, src\/\./,
    ],
    ['NODE_22', ['index.mjs'], /It is in app\/: zip what is in that folder/],
    ['NODE_22', ['main.py'], /main.py is not for NODE_22/],
    ['PYTHON_3_13', ['app/index.mjs'], /is not for PYTHON_3_13/],
    ['NODE_22', ['src/agent.ts'], /is TypeScript.*Compile it/],
    ['PYTHON_3_13', ['main'], /must end in .py/],
    ['PYTHON_3_13', ['../main.py'], /not in the zip/],
    ['PYTHON_3_13', ['gunicorn', 'main.py'], /there is no bin\/gunicorn/],
    ['NODE_22', ['opentelemetry-instrument', 'app/index.mjs'], /Vendor aws-opentelemetry-distro/],
  ] as const)('%s %j is refused', ([runtime, entryPoint, message]) => {
    expect(() => checkEntryPoint(runtime, entryPoint, files)).toThrow(message);
  });
});
