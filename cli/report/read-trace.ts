import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { ArrivalTrace } from '#core/cost/report/arrival-trace.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Bins of a trace that has one line per request. */
const BIN_SECONDS = 60;

/**
 * Reads arrivals: lines of a time and a count (`timestamp` or `minute`, and `requests` or the given
 * column), or one line per request with its second in `t_s`.
 */
export async function readTrace(file: string, column: string | undefined): Promise<ArrivalTrace> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unusable(file, 'it cannot be read', cause);
  });
  const rows: Record<string, string>[] = parse(text, { columns: true, skip_empty_lines: true });
  const names = Object.keys(rows[0] ?? {});
  const name = basename(file);
  if (names.includes('t_s')) return { name, ...binned(rows.map((row) => Number(row['t_s']))) };
  const [time = ''] = names;
  const wanted = column ?? (names.includes('requests') ? 'requests' : (names[1] ?? ''));
  const counts = rows.map((row) => Number(row[wanted] || 0));
  const binSeconds = time === 'minute' ? BIN_SECONDS : secondsBetween(rows, time);
  if (!names.includes(wanted) || counts.some((count) => !(count >= 0)) || !(binSeconds > 0)) {
    throw unusable(
      file,
      `it needs a time and a count, such as --trace-column ${names[1] ?? 'requests'}`,
    );
  }
  return { name: column === undefined ? name : `${name}, ${column}`, binSeconds, counts };
}

function binned(seconds: readonly number[]): Omit<ArrivalTrace, 'name'> {
  const last = seconds.reduce((most, second) => Math.max(most, second), 0);
  const counts = new Array<number>(Math.floor(last / BIN_SECONDS) + 1).fill(0);
  for (const second of seconds) {
    const bin = Math.floor(second / BIN_SECONDS);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { binSeconds: BIN_SECONDS, counts };
}

function secondsBetween(rows: readonly Record<string, string>[], time: string): number {
  const [first, second] = rows.map((row) => Date.parse(`${row[time]?.replace(' ', 'T')}Z`));
  return ((second ?? Number.NaN) - (first ?? Number.NaN)) / 1_000;
}

function unusable(file: string, why: string, cause?: unknown): CliError {
  return new CliError(exitCodes.usage, 'invalid_trace', `${basename(file)}: ${why}`, {
    remedy: 'Give a CSV file with a header line.',
    ...(cause === undefined ? {} : { cause }),
  });
}
