import * as z from 'zod';

/**
 * `runs/{n}`: what followed the end of run n - 1. A resume and the removal of the job's work compete
 * for the same ordinal by put-if-absent, so a resumed job is never removed under its workers.
 */
export const runRecordSchema = z.strictObject({
  kind: z.enum(['resumed', 'expired']),
  at: z.string(),
});
export type RunRecord = z.infer<typeof runRecordSchema>;
