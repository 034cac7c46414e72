import type { Lane } from '#core/contract/lane.ts';
import {
  type Attempt,
  attemptEndSchema,
  attemptStartSchema,
  type WorkerHost,
} from '#core/jobs/attempt-record.ts';
import { attemptIdOf, type WorkerIdentity } from '#core/jobs/claim.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import type { CellModel } from './cell-model.ts';

/** One try of a worker, as its records describe it. */
export interface AttemptContext {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly jobId: string;
  readonly worker: WorkerIdentity;
  /** Where it runs, for the books; undefined is the job's lane. */
  readonly lane?: Lane | undefined;
  /** Of the function that it runs in, for the books, MB; undefined elsewhere. */
  readonly memoryMib?: number | undefined;
  /** The instance that it has, for the books; undefined where there is none to ask. */
  readonly host?: WorkerHost | undefined;
}

const READS_IN_FLIGHT = 16;

/** Keeps the books of one try of a worker: two small objects, at its start and at its end. */
export class AttemptRecorder {
  readonly #context: AttemptContext;
  readonly #name: string;
  #modelMillis = 0;

  private constructor(context: AttemptContext) {
    this.#context = context;
    const { submission, arrayIndex, attempt } = context.worker;
    this.#name = `${submission}-${arrayIndex}-${attempt}`;
  }

  static async start(context: AttemptContext): Promise<AttemptRecorder> {
    const recorder = new AttemptRecorder(context);
    const { submission, arrayIndex, attempt } = context.worker;
    const { lane, memoryMib, host } = context;
    await recorder.#write('started', {
      attemptId: attemptIdOf(context.worker),
      submission,
      arrayIndex,
      attempt,
      startedAt: recorder.#now(),
      ...(lane === undefined ? {} : { lane }),
      ...(memoryMib === undefined ? {} : { memoryMib }),
      ...(host === undefined ? {} : { host }),
    });
    return recorder;
  }

  /** The same model, with its time counted. */
  timed(model: CellModel): CellModel {
    const { clock } = this.#context;
    return {
      provenance: model.provenance,
      run: async (...call) => {
        const startedMillis = clock.monotonicMillis();
        try {
          return await model.run(...call);
        } finally {
          this.#modelMillis += Math.max(0, clock.monotonicMillis() - startedMillis);
        }
      },
    };
  }

  /** Never throws: an attempt without an end counts as killed, which errs on the safe side. */
  async end(): Promise<void> {
    const record = { endedAt: this.#now(), modelMillis: this.#modelMillis };
    await this.#write('ended', record).catch(() => {});
  }

  async #write(moment: 'started' | 'ended', record: object): Promise<void> {
    const { objectStore, jobId } = this.#context;
    const key = jobKeys.attempt(jobId, this.#name, moment);
    await objectStore.putIfAbsent(key, encodeJson(record));
  }

  #now(): string {
    return new Date(this.#context.clock.epochMillis()).toISOString();
  }
}

/** Every attempt of a job, in no particular order; a damaged record costs its line in the books only. */
export async function readAttempts(objectStore: ObjectStore, jobId: string): Promise<Attempt[]> {
  const keys: string[] = [];
  for await (const { key } of objectStore.list(jobKeys.attempts(jobId))) keys.push(key);
  const known = new Set(keys);
  const starts = keys.filter((key) => key.endsWith('/started'));
  const attempts = await mapLimited(starts, { limit: READS_IN_FLIGHT }, async (key) => {
    const start = await readUndamagedJson(objectStore, key, attemptStartSchema);
    const endKey = key.replace(/started$/, 'ended');
    const end = known.has(endKey)
      ? await readUndamagedJson(objectStore, endKey, attemptEndSchema)
      : undefined;
    return start === undefined ? [] : [{ ...start, end }];
  });
  return attempts.flat();
}
