import * as z from 'zod';

const count = z.int().positive();

/** Body of `GET /limits`, spelled as every other answer is. */
export const limitsViewSchema = z.object({
  body_bytes: count.describe('Largest request body.'),
  text_units: count.describe("Longest text, in UTF-16 units (JavaScript's `length`)."),
  inline_items: count.describe('Most texts that `POST /predict/batch` answers itself.'),
  request_items: count.describe('Most items of one request, inline or as a job.'),
  json_depth: count.describe('Deepest nesting of a JSON body or line.'),
  line_bytes: count.describe("Longest line of a job's input; a longer one becomes an error row."),
  job_files: count.describe('Most files of one job.'),
  expansion_ratio: count.describe('Most bytes that a byte of a compressed file may become.'),
  expanded_free_bytes: count.describe('Decompressed bytes of a file that no ratio is asked for.'),
  result_bytes: count.describe('Most results that an answer carries itself; above it, 303.'),
  link_seconds: count.describe('How long the link of such a 303, or of an upload, works.'),
  upload_bytes: count.describe('Largest file of `POST /uploads`.'),
});
export type LimitsView = z.infer<typeof limitsViewSchema>;
