import * as z from 'zod';

/** Query of `GET /jobs`: `limit` 1–100, `after` the `next` of the page before. */
export const listJobsQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a limit is a number from 1 to 100')
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(20),
  after: z
    .string()
    .regex(/^[\w.~-]{1,512}$/, 'after is the "next" of the page before')
    .optional(),
});

/** What a job id may look like; anything else is no job, and never becomes part of a key. */
export const jobIdSchema = z.string().regex(/^[A-Za-z0-9_-]{1,128}$/);
