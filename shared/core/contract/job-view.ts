import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import { validationSchema } from './job.ts';
import { laneSchema } from './lane.ts';
import { jobRouteViewSchema } from './route-view.ts';

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
export const jobViewSchema = z.object({
  id: z.string(),
  status: jobStatusSchema.describe(
    '`queued` until a worker reads the input, `validating` while one does, `finalizing` while joining.',
  ),
  model: z.string(),
  model_version: z.string(),
  lane: laneSchema.describe('Where it runs.'),
  input: z.string().describe('`s3://…` of the input, or `inline`.'),
  counts: z
    .object({
      total: z.int().nonnegative().describe('0 until the input was read once.'),
      completed: z.int().nonnegative(),
      failed: z.int().nonnegative(),
    })
    .describe('Rows.'),
  bytes: z
    .object({ total: z.int().nonnegative(), processed: z.int().nonnegative() })
    .describe('Of the input.'),
  rows_per_second: z
    .number()
    .nullable()
    .describe('Average since the input was read; null before that and after the end.'),
  eta_seconds: z.number().nullable().describe('To the end, at that rate.'),
  created_at: z.iso.datetime(),
  finished_at: z.iso.datetime().nullable(),
  output: z
    .string()
    .nullable()
    .describe(
      '`s3://…` folder of results.jsonl, errors.jsonl, manifest.json, _SUCCESS; null before the end.',
    ),
  error: z
    .object({ code: z.string(), detail: z.string() })
    .nullable()
    .describe('Why the job failed; null where it did not.'),
  validation: validationSchema
    .nullable()
    .describe('Rows that cannot be read, known before any model runs; null until then.'),
  route: z
    .exactOptional(jobRouteViewSchema)
    .describe('Why it runs there; absent where no router decided.'),
  quote: z
    .exactOptional(
      z.object({
        usd: z.number().nonnegative(),
        finish_seconds: z
          .number()
          .describe('From `created_at`, with the target chance of the state.'),
        on_time: z.boolean().describe('False where nothing was predicted to meet the deadline.'),
      }),
    )
    .describe('What it was quoted when it was accepted.'),
  resumes: z
    .int()
    .nonnegative()
    .describe('How often it was resumed after it had been cancelled or had failed.'),
});
export type JobView = DeepReadonly<z.infer<typeof jobViewSchema>>;

/** Body of `GET /jobs`. */
export const jobListSchema = z.object({
  jobs: z.array(jobViewSchema).describe('Newest first.'),
  next: z
    .string()
    .nullable()
    .describe('Goes into `?after=` for the following page; null on the last.'),
});
export type JobList = DeepReadonly<z.infer<typeof jobListSchema>>;
