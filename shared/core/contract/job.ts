import * as z from 'zod';
import type { Limits } from './limits.ts';
import { predictOptions } from './predict.ts';
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
  textColumn: columnSchema
    .optional()
    .describe('Column or field with the text; without it `text`, else the only column.'),
  delimiter: z
    .enum([',', ';', '\t', '|'])
    .optional()
    .describe('Between the fields of a CSV file; without it a comma, in `.tsv` a tab.'),
  join: z
    .union([z.literal(true), z.array(columnSchema).min(1).max(256)])
    .optional()
    .describe('Input columns that result lines repeat under `input`; true: all but text and id.'),
  shape: rowShapeSchema
    .optional()
    .describe('Whose request lines a JSONL file holds; without it the first row decides.'),
};

/** How rows are read and shown: the part of the options that job.json pins as it is. */
export const rowOptionsSchema = z.strictObject(rowOptionFields);
export type RowOptions = z.infer<typeof rowOptionsSchema>;

/** Settings of a job; in the drop zone the content of `_options.json` or `<file>.options.json`. */
export const jobOptionsSchema = z.strictObject({
  format: inputFormatSchema.optional().describe("Wins over the file's suffix."),
  topK: z.int().min(1).max(100).optional().describe('How many labels a result line has.'),
  escalate: z
    .literal(false, {
      error:
        'a job is answered by one model, so that the same input gives the same bytes; leave escalate out, or use POST /predict/batch',
    })
    .optional()
    .describe('Jobs are never escalated.'),
  workers: z
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('Most workers at a time; the router or the machine may use fewer.'),
  mixed: z
    .boolean()
    .optional()
    .describe(
      'Whether CPU and GPU may share the job; their variants of the model differ in about 1 % of labels, so each result line then names its variant. Without it only where nothing else meets the deadline.',
    ),
  manifest: z
    .boolean()
    .optional()
    .describe(
      'The input is a list of objects: a CSV of bucket, URL-encoded key and perhaps version.',
    ),
  ...rowOptionFields,
  onInvalid: z
    .enum(['record', 'fail'])
    .optional()
    .describe(
      '`fail` ends the job before any model runs when a row is not valid; `record` makes error rows.',
    ),
  output: outputFormatSchema
    .optional()
    .describe('Writes the results once more, in this format, beside results.jsonl.'),
  webhook: webhookUrlSchema
    .optional()
    .describe('Where the end of the job is told by a signed POST; https.'),
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
      model: predictOptions.model,
      items: z
        .array(
          z.looseObject({
            text: z.unknown().describe('A string; what is none becomes an error row.'),
            id: itemIdSchema.optional().describe('Comes back in the result line.'),
          }),
        )
        .max(limits.requestItems)
        .optional()
        .describe('The items themselves. Or `input`.'),
      input: z
        .string()
        .max(1_100)
        .regex(
          /^s3:\/\/[^/]+\/.+$/,
          'an input is s3://<bucket>/<key>; POST /uploads says where to put a file',
        )
        .optional()
        .describe(
          'A file, a prefix that ends in `/`, or a manifest: `s3://<bucket>/<key>`; on one machine the bucket is named `local`. Or `items`.',
        ),
      options: jobOptionsSchema.default({}),
      deadlineMs: predictOptions.deadlineMs.describe(
        'Milliseconds from its acceptance by which the job should be done.',
      ),
      lane: predictOptions.lane,
      maxUsd: predictOptions.maxUsd,
    })
    .refine((body) => (body.items === undefined) !== (body.input === undefined), {
      error: 'give either items or input',
    });
}
export type CreateJobRequest = z.infer<ReturnType<typeof createJobRequestSchema>>;
