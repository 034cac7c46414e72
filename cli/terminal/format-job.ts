import type { JobAnswer } from '../service/service-answers.ts';

/** One job, one fact per line; facts that are not known yet are left out. */
export function jobLines(job: JobAnswer): readonly string[] {
  const facts: readonly (readonly [name: string, value: string | null])[] = [
    ['job', job.id],
    ['status', job.status],
    ['model', job.model],
    ['input', job.input],
    ['rows', rowsText(job)],
    ['speed', job.rows_per_second === null ? null : `${count(job.rows_per_second)} rows/s`],
    ['left', job.eta_seconds === null ? null : durationText(job.eta_seconds)],
    ['created', job.created_at],
    ['starts', job.route?.startsAt ?? null],
    ['finished', job.finished_at],
    ['output', job.output],
    ['reason', job.error === null ? null : `${job.error.detail} (${job.error.code})`],
  ];
  return facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(9)}${value}`]));
}

/** The jobs as a table with a heading; a sentence where there are none. */
export function jobTable(jobs: readonly JobAnswer[]): readonly string[] {
  if (jobs.length === 0) return ['There are no jobs yet. "switchyard submit <file>" makes one.'];
  const rows = jobs.map((job) => [
    job.id,
    job.status,
    job.model,
    count(job.counts.total),
    count(job.counts.completed),
    count(job.counts.failed),
    job.created_at.slice(0, 19).replace('T', ' '),
    job.input,
  ]);
  const table = [['JOB', 'STATUS', 'MODEL', 'ROWS', 'DONE', 'ERRORS', 'CREATED', 'INPUT'], ...rows];
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  );
  return table.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, numberColumns.has(column)))
      .join('  ')
      .trimEnd(),
  );
}

const numberColumns = new Set([3, 4, 5]);

function pad(cell: string, width: number, isNumber: boolean): string {
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

/** `1,200 of 5,000 done, 3 errors`; the total is unknown until the input was read once. */
export function rowsText({ counts }: JobAnswer): string {
  const errors = counts.failed === 1 ? '1 error' : `${count(counts.failed)} errors`;
  const total = counts.total === 0 ? '' : ` of ${count(counts.total)}`;
  return `${count(counts.completed + counts.failed)}${total} done, ${errors}`;
}

/** Whole seconds as `42 s`, `3 min 05 s` or `2 h 07 min`. */
export function durationText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes === 0) return `${whole} s`;
  if (minutes < 60) return `${minutes} min ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
