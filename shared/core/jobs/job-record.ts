import * as z from 'zod';
import { inputFormatSchema, outputFormatSchema, rowOptionsSchema } from '../contract/job.ts';
import { laneSchema } from '../contract/lane.ts';
import { providerSchema } from '../models/provider.ts';
import { jobRouteSchema } from './job-route.ts';
import { workerPoolsSchema } from './worker-pools.ts';

/** One pinned file of a job's input. */
const inputFileSchema = z.strictObject({
  /** As the user knows it, such as `2026/reviews.csv`; stands in error lines when there are several. */
  name: z.string(),
  key: z.string(),
  etag: z.string(),
  sizeBytes: z.int().nonnegative(),
  format: inputFormatSchema,
  compression: z.enum(['none', 'gzip']),
});
export type InputFile = z.infer<typeof inputFileSchema>;

/**
 * `job.json`: everything that decides a job's bytes, written once and never changed. What happens
 * later is written beside it.
 */
export const jobRecordSchema = z.strictObject({
  schema: z.literal(1),
  id: z.string(),
  tenant: z.string(),
  source: z.enum(['api', 'drop']),
  createdAt: z.string(),
  /** SHA-256 of the canonical request: the same Idempotency-Key with another one is refused. */
  requestSha256: z.string(),
  model: z.string(),
  modelVersion: z.string(),
  modelSha256: z.string(),
  variant: z.string(),
  provider: providerSchema,
  lane: laneSchema,
  input: z.strictObject({
    /** As the user named it: `s3://…` or `inline`. */
    uri: z.string(),
    /** All files, as stored. */
    sizeBytes: z.int().nonnegative(),
    /** In the order in which their rows are numbered. */
    files: z.array(inputFileSchema),
  }),
  output: z.strictObject({ prefix: z.string() }),
  /** What results are written as besides results.jsonl. */
  outputFormat: outputFormatSchema.optional(),
  topK: z.int().optional(),
  /** How rows are read and shown, as the options said. */
  rows: rowOptionsSchema.optional(),
  deadlineMs: z.int().optional(),
  /** What a row that cannot be read does: an error row (the default), or the end of the job. */
  onInvalid: z.enum(['record', 'fail']).optional(),
  /** Told when the job has ended. */
  webhook: z.string().optional(),
  /** Unit of commit, in bytes of input. */
  cellBytes: z.int().positive(),
  /** Unit of claim, in bytes of input: a multiple of cellBytes. */
  shardBytes: z.int().positive(),
  workers: z.int().positive(),
  /**
   * Where the workers run, where that is more than the job's lane; together they are `workers`. All run
   * the job's variant, so that its bytes are the same wherever a row was computed, unless it is mixed.
   */
  pools: workerPoolsSchema.optional(),
  /** What each kind of processor runs in a mixed job: there every result line names its variant. */
  mixed: z
    .array(
      z.strictObject({
        processor: z.enum(['cpu', 'gpu']),
        variant: z.string(),
        sha256: z.string(),
        provider: providerSchema,
      }),
    )
    .length(2)
    .optional(),
  /** How lane and workers were chosen; absent where no router did. */
  route: jobRouteSchema.optional(),
});
export type JobRecord = z.infer<typeof jobRecordSchema>;

/** A job without the list of its files: enough to describe, stop or expire it. */
export type JobHead = Omit<JobRecord, 'schema' | 'input'> & {
  readonly input: Pick<JobRecord['input'], 'uri' | 'sizeBytes'>;
};

/** As stored: a job of more than {@link INLINE_FILES} files keeps their list in an object of its own. */
export const storedJobSchema = z.discriminatedUnion('schema', [
  jobRecordSchema,
  jobRecordSchema.extend({
    schema: z.literal(2),
    input: jobRecordSchema.shape.input
      .omit({ files: true })
      .extend({ fileList: z.strictObject({ key: z.string(), sha256: z.string() }) }),
  }),
]);
export type StoredJob = z.infer<typeof storedJobSchema>;

export const fileListSchema = z.array(inputFileSchema);

/** Most files that stand in job.json itself; 10,000 of them would make it megabytes. */
export const INLINE_FILES = 16;

/** The newest schema of job.json that this version reads. */
export const JOB_SCHEMA = 2;
