import { SwitchyardError } from '../switchyard-error.ts';

/** How many instances there were, over time; recorded from a spot market or generated. */
export interface AvailabilityTrace {
  readonly id: string;
  readonly runs: readonly AvailabilityRun[];
}

/** A stretch in which the number of instances stayed the same. */
interface AvailabilityRun {
  readonly durationSeconds: number;
  readonly nodes: number;
}

const neededColumns = ['trace_id', 'duration_s', 'nodes_available'] as const;

/**
 * Reads one trace of a CSV file with the columns `trace_id`, `duration_s` and `nodes_available` (and
 * any others), one row per run. No field may hold a comma or a quote. Takes the first trace where no
 * id is given. Throws `invalid_setting` naming the line or the missing trace.
 */
export function readAvailabilityTrace(csv: string, id?: string): AvailabilityTrace {
  const [header = '', ...lines] = csv.replace(/^\uFEFF/, '').split(/\r?\n/);
  const names = header.split(',');
  const [idAt = -1, secondsAt = -1, nodesAt = -1] = neededColumns.map((name) =>
    names.indexOf(name),
  );
  if (Math.min(idAt, secondsAt, nodesAt) < 0) {
    throw new SwitchyardError(
      'invalid_setting',
      `A trace is a CSV file whose header names ${neededColumns.join(', ')}.`,
    );
  }
  let wanted = id;
  const runs: AvailabilityRun[] = [];
  for (const [at, line] of lines.entries()) {
    const fields = line.split(',');
    wanted ??= line === '' ? undefined : fields[idAt];
    if (line === '' || fields[idAt] !== wanted) continue;
    runs.push(readRun(fields[secondsAt], fields[nodesAt], at + 2));
  }
  if (wanted === undefined || runs.length === 0) {
    throw new SwitchyardError('invalid_setting', `The file holds no trace ${wanted ?? 'at all'}.`);
  }
  return { id: wanted, runs };
}

function readRun(
  seconds: string | undefined,
  nodes: string | undefined,
  lineNumber: number,
): AvailabilityRun {
  if (!/^\d+(\.\d+)?$/.test(seconds ?? '') || !/^\d+$/.test(nodes ?? '')) {
    throw new SwitchyardError(
      'invalid_setting',
      `Line ${lineNumber} of the trace: duration_s is seconds and nodes_available a whole number.`,
    );
  }
  return { durationSeconds: Number(seconds), nodes: Number(nodes) };
}
