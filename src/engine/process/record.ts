import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a running engine leaves in its data directory so that clients find it. A hint only: the handshake decides. */
export interface EngineRecord {
  /** E.g. `http://127.0.0.1:40123`. */
  url: string;
  version: string;
  /** How many migrations the store has run. */
  storeVersion: number;
  /** Random, new with every start. */
  generation: string;
  pid: number;
  /** ISO 8601. */
  startedAt: string;
}

const recordFile = (dataDir: string) => join(dataDir, 'engine.json');

/** The record of the last engine that did not end in order, or of the running one. */
export function readRecord(dataDir: string): EngineRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(recordFile(dataDir), 'utf8'));
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Complete or not there at all, and readable by its owner only. */
export function writeRecord(dataDir: string, record: EngineRecord): void {
  const file = recordFile(dataDir);
  const aside = `${file}.${record.generation}`;
  writeFileSync(aside, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(aside, file);
}

/** Only an engine's own record: another may have taken its place. */
export function removeRecord(dataDir: string, generation: string): void {
  if (readRecord(dataDir)?.generation === generation) rmSync(recordFile(dataDir), { force: true });
}

function isRecord(value: unknown): value is EngineRecord {
  const record = value as Partial<Record<keyof EngineRecord, unknown>> | null;
  return (
    typeof record === 'object' &&
    typeof record?.url === 'string' &&
    /^http:\/\/127\.0\.0\.1:\d+$/.test(record.url) &&
    typeof record.generation === 'string' &&
    typeof record.version === 'string' &&
    typeof record.pid === 'number'
  );
}
