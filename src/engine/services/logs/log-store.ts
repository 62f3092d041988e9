import type { Scope } from '../../service.ts';

/** One line, or what was printed at once. */
export interface LogEvent {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
}

/** Logs by group and stream, in files, each stream with a size that it does not outgrow: the oldest part goes first. */
export interface LogStore {
  /** Never throws: what cannot be written is told to the engine's log once. */
  append(scope: Scope, group: string, stream: string, events: readonly LogEvent[]): void;
}
