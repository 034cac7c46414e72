import type { Log } from '../handler-dependencies.ts';

/**
 * One JSON line per entry on stdout. `level` and `timestamp` are the names by which Lambda's JSON log
 * format takes such a line as it is instead of wrapping it.
 */
export const writeLog: Log = (entry) => {
  const line = { timestamp: new Date().toISOString(), level: 'info', ...entry };
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
