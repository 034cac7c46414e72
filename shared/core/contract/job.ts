import { z } from 'zod';
import { modelNameSchema } from '../models/model-manifest.ts';
import { type Lane, laneSchema } from './lane.ts';
import type { Limits } from './limits.ts';
import { DEFAULT_MODEL } from './predict.ts';

export const inputFormatSchema = z.enum(['jsonl', 'lines']);
export type InputFormat = z.infer<typeof inputFormatSchema>;

/** A caller's own name for a row, carried into its result or error line. */
export const itemIdSchema = z.union([z.string().max(256), z.int()]);
export type ItemId = z.infer<typeof itemIdSchema>;

/** Settings of a job; in the drop zone the content of `_options.json` or `<file>.options.json`. */
export const jobOptionsSchema = z.strictObject({
  /** Wins over the file's suffix. */
  format: inputFormatSchema.optional(),
  topK: z.int().min(1).max(100).optional(),
  /** Most workers at a time; the router or the machine may use fewer. */
  workers: z.int().min(1).max(64).optional(),
});
export type JobOptions = z.infer<typeof jobOptionsSchema>;

/**
 * Body of `POST /jobs`: the items themselves, or the URI of an object in the data bucket
 * (`s3://<bucket>/<key>`; on one machine the bucket is named `local`). Exactly one of both.
 */
export function createJobRequestSchema(limits: Limits) {
  return z
    .strictObject({
      model: modelNameSchema.default(DEFAULT_MODEL),
      items: z
        .array(z.looseObject({ text: z.unknown(), id: itemIdSchema.optional() }))
        .max(limits.requestItems)
        .optional(),
      input: z
        .string()
        .max(1_100)
        .regex(/^s3:\/\/[^/]+\/.+$/, 'an input is s3://<bucket>/<key>')
        .optional(),
      options: jobOptionsSchema.default({}),
      deadlineMs: z.int().min(1).max(604_800_000).optional(),
      lane: laneSchema.optional(),
    })
    .refine((body) => (body.items === undefined) !== (body.input === undefined), {
      error: 'give either items or input',
    });
}
export type CreateJobRequest = z.infer<ReturnType<typeof createJobRequestSchema>>;

/** `queued` until a worker reads the input, `validating` while one does, `finalizing` while joining. */
export const jobStatusSchema = z.enum([
  'validating',
  'queued',
  'running',
  'finalizing',
  'completed',
  'failed',
  'cancelling',
  'cancelled',
]);
export type JobStatus = z.infer<typeof jobStatusSchema>;

/** True when nothing about the job will change any more. */
export function isTerminal(status: JobStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** Body of `GET /jobs/{id}`. Counts are rows; `total` is 0 until the input has been read once. */
export interface JobView {
  readonly id: string;
  readonly status: JobStatus;
  readonly model: string;
  readonly model_version: string;
  readonly lane: Lane;
  /** `s3://…` of the input, or `inline`. */
  readonly input: string;
  readonly counts: { readonly total: number; readonly completed: number; readonly failed: number };
  readonly bytes: { readonly total: number; readonly processed: number };
  /** Average since the input was read; null before that and after the end. */
  readonly rows_per_second: number | null;
  readonly eta_seconds: number | null;
  readonly created_at: string;
  readonly finished_at: string | null;
  /** `s3://…` folder of results.jsonl, errors.jsonl, manifest.json, _SUCCESS; null before the end. */
  readonly output: string | null;
  /** Why the job failed; null where it did not. */
  readonly error: { readonly code: string; readonly detail: string } | null;
}

/** Body of `GET /jobs`. `next` goes into `?after=` for the following page; null on the last. */
export interface JobList {
  readonly jobs: readonly JobView[];
  readonly next: string | null;
}
