import type { RowShape } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { asUnusableInput, UnusableInput } from '#core/formats/unusable-input.ts';
import type { Cell, JobPlan } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { InputReader, PlacedRow } from './input-reader.ts';
import { openInputReader } from './open-input-reader.ts';

/** The rows of one shard's cells. Keeps one file open at a time, since cells come in order. */
export class ShardInput implements AsyncDisposable {
  readonly #context: {
    readonly objectStore: ObjectStore;
    readonly limits: Limits;
    readonly job: JobRecord;
    readonly plan: JobPlan;
  };
  #open: { readonly file: number; readonly reader: InputReader } | undefined;

  constructor(context: {
    readonly objectStore: ObjectStore;
    readonly limits: Limits;
    readonly job: JobRecord;
    readonly plan: JobPlan;
  }) {
    this.#context = context;
  }

  /** The rows of a cell, in order. Throws `object_changed` where they are not the planned ones. */
  async readRows(cell: Cell): Promise<PlacedRow[]> {
    const reader = await this.#readerOf(cell.file);
    const rows = await reader.readRows(cell).catch((error: unknown) => {
      throw asUnusableInput(error);
    });
    if (rows.length === cell.rows) return rows.map((row) => this.#shaped(row, cell.file));
    throw new UnusableInput(
      'object_changed',
      `positions ${cell.startPosition} to ${cell.endPosition} of the input hold ${rows.length} rows, ${cell.rows} were planned`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.reader.close();
    this.#open = undefined;
  }

  async #readerOf(file: number): Promise<InputReader> {
    if (this.#open?.file === file) return this.#open.reader;
    await this[Symbol.asyncDispose]();
    const { objectStore, limits, job, plan } = this.#context;
    const input = job.input.files[file];
    if (input === undefined) {
      throw new SwitchyardError('corrupt_object', `the plan names file ${file}, the job has none`);
    }
    const columns = plan.files[file]?.columns ?? null;
    const reading = { ...job.rows, shape: shapeOfRows(job, plan), model: job.model };
    const reader = openInputReader({ objectStore, limits, file: input, columns, reading });
    this.#open = { file, reader };
    return reader;
  }

  /** Adds what the lines of the output repeat of the job. */
  #shaped(row: PlacedRow, file: number): PlacedRow {
    const { job, plan } = this.#context;
    const { files } = job.input;
    const name = files.length > 1 ? files[file]?.name : undefined;
    const named = name === undefined ? row : { ...row, file: name };
    if (shapeOfRows(job, plan) === 'plain') return named;
    const encoding = row.parsed.ok ? row.parsed.encoding : undefined;
    const batch = {
      token: `${job.id.replace(/^job_/, '')}_${row.index}`,
      model: job.model,
      ...(encoding === undefined ? {} : { encoding }),
    };
    return { ...named, batch };
  }
}

function shapeOfRows(job: JobRecord, plan: JobPlan): RowShape {
  return job.rows?.shape ?? plan.shape ?? 'plain';
}
