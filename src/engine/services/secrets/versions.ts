/** A value of a secret. */
export interface Version {
  id: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** Its labels. One without any is forgotten. */
  stages: readonly string[];
  /** Encrypted, in base64. */
  sealed: string;
  binary: boolean;
}

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** The versions after a new one with these labels: each label is on one version, and what was current becomes the previous one. */
export function withVersion(versions: readonly Version[], added: Version): Version[] {
  const moved = new Set(added.stages);
  const replacesCurrent = moved.has(CURRENT);
  const older = versions.map((version) => {
    const kept = version.stages.filter(
      (stage) => !moved.has(stage) && !(replacesCurrent && stage === PREVIOUS),
    );
    const wasCurrent = replacesCurrent && version.stages.includes(CURRENT);
    return { ...version, stages: wasCurrent ? [...kept, PREVIOUS] : kept };
  });
  return [...older.filter(({ stages }) => stages.length > 0), added];
}

/** What labels each version has, by its id. */
export function stagesById(versions: readonly Version[]): Record<string, string[]> {
  return Object.fromEntries(versions.map(({ id, stages }) => [id, [...stages]]));
}
