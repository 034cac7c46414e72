import * as z from 'zod';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';

const intentSchema = z.strictObject({ atMillis: z.number() });
const jobSchema = z.strictObject({
  jobId: z.string(),
  epoch: z.int().positive(),
  /** When it was submitted, or found, milliseconds since 1970. */
  atMillis: z.number(),
});

/** Longer than the time-outs of one submitter; after it nobody is submitting any more. */
const INTENT_MILLIS = 60_000;

/** What was submitted can be described a moment later; this is many times longer. */
const NEW_MILLIS = 300_000;

export type BatchJobRecord = z.infer<typeof jobSchema>;
type SubmittedJob = Omit<BatchJobRecord, 'atMillis'>;

/**
 * Which job of AWS Batch a submission became. SubmitJob has no idempotency token, so whoever submits
 * first writes an intent, and afterwards the job's id; both by put-if-absent.
 */
export class BatchJobRecords {
  readonly #objectStore: ObjectStore;
  readonly #clock: Clock;
  readonly #folder: string;

  /** @param queueName tells the records of several queues apart */
  constructor(options: {
    readonly objectStore: ObjectStore;
    readonly clock: Clock;
    readonly queueName: string;
  }) {
    this.#objectStore = options.objectStore;
    this.#clock = options.clock;
    this.#folder = `work/submissions/batch/${options.queueName}/`;
  }

  /** The job that stands for the name. */
  async job(name: string): Promise<BatchJobRecord | undefined> {
    return await this.#read(`${this.#folder}${name}/job`, jobSchema);
  }

  /** The job that stands for the name after this call: this one, unless another one was first. */
  async settle(name: string, job: SubmittedJob): Promise<SubmittedJob> {
    const record = { ...job, atMillis: this.#clock.epochMillis() };
    await this.#putIfAbsent(`${this.#folder}${name}/job`, record);
    return (await this.job(name)) ?? job;
  }

  /** True where AWS Batch may not have heard of its own job yet. */
  isNew({ atMillis }: BatchJobRecord): boolean {
    return this.#clock.epochMillis() - atMillis < NEW_MILLIS;
  }

  /** How often somebody set out to submit the name; 0 is never. */
  async lastEpoch(name: string): Promise<number> {
    let epoch = 0;
    for await (const { key } of this.#objectStore.list(this.#intents(name))) {
      epoch = Number(key.slice(key.lastIndexOf('/') + 1));
    }
    return epoch;
  }

  /** True where whoever set out in that epoch may still be about to submit. */
  async isFresh(name: string, epoch: number): Promise<boolean> {
    const intent = await this.#read(this.#intent(name, epoch), intentSchema);
    return intent !== undefined && this.#clock.epochMillis() - intent.atMillis < INTENT_MILLIS;
  }

  /** True for the one who may submit in that epoch. */
  async setOut(name: string, epoch: number): Promise<boolean> {
    return await this.#putIfAbsent(this.#intent(name, epoch), {
      atMillis: this.#clock.epochMillis(),
    });
  }

  #intents(name: string): string {
    return `${this.#folder}${name}/intent/`;
  }

  #intent(name: string, epoch: number): string {
    return this.#intents(name) + String(epoch).padStart(4, '0');
  }

  async #putIfAbsent(key: string, record: unknown): Promise<boolean> {
    const bytes = new TextEncoder().encode(JSON.stringify(record));
    return await this.#objectStore.putIfAbsent(key, bytes);
  }

  async #read<Schema extends z.ZodType>(
    key: string,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    const bytes = await this.#objectStore.read(key);
    if (bytes === undefined) return undefined;
    return schema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }
}
