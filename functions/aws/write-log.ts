import type { Log } from '../handler-dependencies.ts';

/**
 * One JSON line per entry on stdout. `level` and `timestamp` are the names by which Lambda's JSON log
 * format takes such a line as it is instead of wrapping it.
 */
export const writeLog: Log = (entry) => {
  writeLine(JSON.stringify({ timestamp: new Date().toISOString(), level: 'info', ...entry }));
};

/** A line that was written by its own rules, such as one of the prediction log. */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
