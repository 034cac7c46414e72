import * as z from 'zod';
import { itemIdSchema } from './job.ts';
import { itemErrorSchema, itemResultFields } from './predict-answer.ts';

const placeFields = {
  index: z.int().nonnegative().describe('0-based ordinal of the rows that are not blank.'),
  file: z.exactOptional(z.string()).describe('Which of several files.'),
  id: z.exactOptional(itemIdSchema).describe("The row's own `id`, where it has one."),
};

/** A line of results.jsonl, where the input has not the shape of OpenAI's batch lines. */
export const resultLineSchema = z.object({
  ...placeFields,
  ...itemResultFields,
  truncated: z.exactOptional(z.boolean()).describe('Only where it is true.'),
  input: z
    .exactOptional(z.record(z.string(), z.unknown()))
    .describe('The columns that `join` asked for.'),
});

/** A line of errors.jsonl. */
export const errorLineSchema = z.object({
  ...placeFields,
  line: z.int().positive().describe('1-based physical line.'),
  offset: z.int().nonnegative().describe('First byte of the line.'),
  error: itemErrorSchema,
});
