import * as z from 'zod';
import { modelNameSchema } from '../models/model-manifest.ts';
import { type Lane, laneSchema, type RouteSummary } from './lane.ts';
import type { Limits } from './limits.ts';
import { DEFAULT_MODEL } from './predict.ts';
import { webhookUrlSchema } from './webhook-url.ts';

export const inputFormatSchema = z.enum(['jsonl', 'lines', 'csv', 'tsv', 'parquet']);
export type InputFormat = z.infer<typeof inputFormatSchema>;

/** What results are written as besides results.jsonl. */
export const outputFormatSchema = z.enum(['jsonl', 'jsonl.gz', 'csv', 'csv.gz', 'parquet']);
export type OutputFormat = z.infer<typeof outputFormatSchema>;

/** A caller's own name for a row, carried into its result or error line. */
export const itemIdSchema = z.union([z.string().max(256), z.int()]);
export type ItemId = z.infer<typeof itemIdSchema>;

/** Most rows that a validation names; the count covers all. */
export const SHOWN_INVALID_ROWS = 20;

/** What one reading of the input found wrong, before any model ran. */
export const validationSchema = z.strictObject({
  /** Rows that will be error rows whatever the model says. */
  errors: z.int().nonnegative(),
  /** The first of them, in input order. */
  first: z
    .array(
      z.strictObject({
        /** Which of several files; absent where there is one. */
        file: z.string().optional(),
        /** 1-based physical line of its file. */
        line: z.int().nonnegative(),
        code: z.string(),
        detail: z.string(),
      }),
    )
    .max(SHOWN_INVALID_ROWS),
});
export type Validation = z.infer<typeof validationSchema>;

/** Whose request lines a JSONL file holds: OpenAI's batch lines, or plain rows with a `text`. */
export const rowShapeSchema = z.enum(['openai', 'plain']);
export type RowShape = z.infer<typeof rowShapeSchema>;

const columnSchema = z.string().min(1).max(256);

const rowOptionFields = {
  /** Column or field with the text; without it `text`, else the only column. */
  textColumn: columnSchema.optional(),
  /** Between the fields of a CSV file; without it a comma, in `.tsv` a tab. */
  delimiter: z.enum([',', ';', '\t', '|']).optional(),
  /** Input columns that result lines repeat under `input`; true: all but text and id. */
  join: z.union([z.literal(true), z.array(columnSchema).min(1).max(256)]).optional(),
  /** Without it the first JSONL row decides. */
  shape: rowShapeSchema.optional(),
};

/** How rows are read and shown: the part of the options that job.json pins as it is. */
export const rowOptionsSchema = z.strictObject(rowOptionFields);
export type RowOptions = z.infer<typeof rowOptionsSchema>;

/** Settings of a job; in the drop zone the content of `_options.json` or `<file>.options.json`. */
export const jobOptionsSchema = z.strictObject({
  /** Wins over the file's suffix. */
  format: inputFormatSchema.optional(),
  topK: z.int().min(1).max(100).optional(),
  /** Most workers at a time; the router or the machine may use fewer. */
  workers: z.int().min(1).max(64).optional(),
  /** The input is a list of objects: a CSV of bucket, URL-encoded key and perhaps version. */
  manifest: z.boolean().optional(),
  ...rowOptionFields,
  /** `fail` ends the job before any model runs when a row is not valid; `record` makes error rows. */
  onInvalid: z.enum(['record', 'fail']).optional(),
  /** Writes the results once more, in this format, beside results.jsonl. */
  output: outputFormatSchema.optional(),
  /** Where the end of the job is told by a signed POST. */
  webhook: webhookUrlSchema.optional(),
});
export type JobOptions = z.infer<typeof jobOptionsSchema>;

/** The options that decide how rows are read and shown. */
export function rowOptionsOf(options: JobOptions): RowOptions {
  return z.object(rowOptionFields).parse(options);
}

/**
 * Body of `POST /jobs`: the items themselves, or the URI of an object in the data bucket
 * (`s3://<bucket>/<key>`; on one machine the bucket is named `local`), of a prefix that ends in `/`,
 * or of a manifest. Exactly one of items and input.
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
      /** Most dollars that it may cost, by the router's estimate. */
      maxUsd: z.number().positive().max(1_000_000).optional(),
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
  /** Rows that cannot be read, known before any model runs; null until the input was read once. */
  readonly validation: Validation | null;
  /** Why it runs there, and what it was quoted; absent where no router decided. */
  readonly route?: RouteSummary & { readonly workers: number; readonly tokens: number };
  readonly quote?: {
    readonly usd: number;
    /** From `created_at`, with the target chance of the state. */
    readonly finish_seconds: number;
    /** False where nothing was predicted to meet the deadline. */
    readonly on_time: boolean;
  };
  /** How often the job was resumed after it had been cancelled or had failed. */
  readonly resumes: number;
}

/** Body of `GET /jobs`. `next` goes into `?after=` for the following page; null on the last. */
export interface JobList {
  readonly jobs: readonly JobView[];
  readonly next: string | null;
}
