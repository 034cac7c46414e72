import { SHOWN_INVALID_ROWS, type Validation } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { cellsOf, type JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { PlacedRow } from './input/input-reader.ts';
import { ShardInput } from './input/shard-input.ts';

/**
 * Reads every row once as the workers will, without a model, and says which ones cannot be answered.
 * One cell at a time is in memory. Throws `object_changed` where the input is not the planned one.
 */
export async function validateInput(
  context: { readonly objectStore: ObjectStore; readonly limits: Limits },
  job: JobRecord,
  plan: JobPlan,
): Promise<Validation> {
  const first: Validation['first'] = [];
  let errors = 0;
  for await (const problem of problems(context, job, plan)) {
    errors += 1;
    if (first.length < SHOWN_INVALID_ROWS) first.push(problem);
  }
  return { errors, first };
}

async function* problems(
  context: { readonly objectStore: ObjectStore; readonly limits: Limits },
  job: JobRecord,
  plan: JobPlan,
): AsyncGenerator<Validation['first'][number]> {
  await using input = new ShardInput({ ...context, job, plan });
  for (const cell of [...plan.shards.keys()].flatMap((shard) => cellsOf(plan, shard))) {
    const name = fileName(job, cell.file);
    for (const row of await input.readRows(cell)) {
      if (!row.parsed.ok) yield problemOf(row, row.parsed.error, name);
    }
  }
}

function problemOf(
  row: PlacedRow,
  { code, detail }: { readonly code: string; readonly detail: string },
  file: string | undefined,
): Validation['first'][number] {
  return { ...(file === undefined ? {} : { file }), line: row.line, code, detail };
}

function fileName(job: JobRecord, file: number): string | undefined {
  return job.input.files.length === 1 ? undefined : job.input.files[file]?.name;
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
