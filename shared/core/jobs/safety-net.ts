import * as z from 'zod';

const seconds = z.number().nonnegative();

/**
 * What stands ready for a job on spot instances: where the rest of it runs when spot cannot be waited for
 * any longer, and what that takes. Part of `job.json`, so that whoever looks at the job later decides by
 * what its quote was made from.
 */
export const safetyNetSchema = z.strictObject({
  lane: z.enum(['gpu-on-demand', 'cpu-fleet']),
  workers: z.int().positive(),
  /** By when the job is to be done, from its acceptance. */
  bySeconds: seconds,
  /** From the net's submission to its first row, where it takes long. */
  startSeconds: seconds,
  /** All rows on the net, and all rows on spot without a disturbance. */
  runSeconds: seconds,
  spotRunSeconds: seconds,
  /** A new spot instance, to its first row. */
  spotSetupSeconds: seconds,
  /** What the job needs besides its rows: plan and merge. */
  overheadSeconds: seconds,
  /** The longest time between two looks at the job. */
  lookSeconds: seconds,
});
export type JobSafetyNet = z.infer<typeof safetyNetSchema>;
