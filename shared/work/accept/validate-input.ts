import { SHOWN_INVALID_ROWS, type Validation } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { RowProblem } from '../input/input-reader.ts';
import { ShardInput } from '../input/shard-input.ts';

/** Counts the rows that cannot be answered, without a model, and keeps the first of them to show. */
export class InvalidRows {
  readonly #names: readonly string[];
  /** By file, since the files that are read last may come first. */
  readonly #first: { readonly file: number; readonly shown: Validation['first'][number] }[] = [];
  #errors = 0;

  constructor(job: JobRecord) {
    const { files } = job.input;
    this.#names = files.length === 1 ? [] : files.map(({ name }) => name);
  }

  add(file: number, { line, error }: RowProblem): void {
    this.#errors += 1;
    const name = this.#names[file];
    const named = name === undefined ? {} : { file: name };
    if (this.#first.filter((other) => other.file <= file).length >= SHOWN_INVALID_ROWS) return;
    const { code, detail } = error;
    this.#first.push({ file, shown: { ...named, line, code, detail } });
  }

  validation(): Validation {
    const ordered = this.#first.toSorted((a, b) => a.file - b.file || a.shown.line - b.shown.line);
    const first = ordered.slice(0, SHOWN_INVALID_ROWS).map(({ shown }) => shown);
    return { errors: this.#errors, first };
  }
}

/**
 * Reads the rows of the files that the planning pass did not read (it needs the footer alone of a
 * Parquet file), one cell at a time. Throws `object_changed` where the input is not the planned one.
 */
export async function readUnread(
  context: { readonly objectStore: ObjectStore; readonly limits: Limits },
  work: { readonly job: JobRecord; readonly plan: JobPlan; readonly files: readonly number[] },
  problems: InvalidRows,
): Promise<void> {
  const { job, plan } = work;
  const unread = new Set(work.files);
  if (unread.size === 0) return;
  await using input = new ShardInput({ ...context, job, plan });
  for (const cell of [...plan.shards.keys()].flatMap((shard) => cellsOf(plan, shard))) {
    if (!unread.has(cell.file)) continue;
    for (const row of await input.readRows(cell)) {
      if (!row.parsed.ok) problems.add(cell.file, { line: row.line, error: row.parsed.error });
    }
  }
}

/** One sentence for a job that ends because of its rows. */
export function invalidRowsDetail({ errors, first }: Validation): string {
  const [worst] = first;
  const where =
    worst === undefined
      ? ''
      : ` The first: ${worst.file === undefined ? '' : `${worst.file}, `}line ${worst.line}: ${worst.detail} (${worst.code}).`;
  const rows = errors === 1 ? '1 row is' : `${errors} rows are`;
  return `${rows} not valid, and the job was told to fail then; nothing was run.${where} Correct the file, or submit it with "onInvalid": "record".`;
}
