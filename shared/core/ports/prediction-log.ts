import type { PredictionLine } from '../predictions/prediction-line.ts';

/** Keeps texts and what models said of them. Only made where that was asked for. */
export interface PredictionLog {
  /**
   * Takes a line and returns at once: no request waits for it. It is durable after the next `flush`,
   * which the log does by itself within a second; a process that is killed loses what came since.
   */
  append(line: PredictionLine): void;
  /** Resolves when every line appended before is durable, or is the platform's to keep. */
  flush(): Promise<void>;
  /** Flushes and takes no more lines. */
  close(): Promise<void>;
}
