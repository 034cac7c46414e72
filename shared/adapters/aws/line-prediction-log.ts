import type { PredictionLog } from '#core/ports/prediction-log.ts';

/**
 * A prediction log that is lines of the function's own log: the deployment brings them to where texts
 * are kept. `level` lets Lambda's JSON format take a line as it is.
 */
export function createLinePredictionLog(options: {
  /** Takes one line, without its end; the platform has it when this returns. */
  readonly write: (line: string) => void;
}): PredictionLog {
  let isClosed = false;
  return {
    append: (line) => {
      if (isClosed) return;
      options.write(JSON.stringify({ timestamp: line.at, level: 'info', ...line }));
    },
    flush: () => Promise.resolve(),
    close: () => {
      isClosed = true;
      return Promise.resolve();
    },
  };
}
