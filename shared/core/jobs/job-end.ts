import * as z from 'zod';
import { validationSchema } from '../contract/job.ts';
import { workerPoolsSchema } from './worker-pools.ts';

const countsSchema = z.strictObject({
  total: z.int().nonnegative(),
  completed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
});

/** `end.json`: how a run of a job ended. Written once, by whoever was first. */
export const jobEndSchema = z.strictObject({
  status: z.enum(['completed', 'failed', 'cancelled']),
  endedAt: z.string(),
  counts: countsSchema,
  error: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
  /** What the plan found wrong with the rows; absent where the input was never read. */
  validation: validationSchema.optional(),
});
export type JobEnd = z.infer<typeof jobEndSchema>;

/** `done/{shard}`: what the parts of a finished shard add up to. */
export const shardCountsSchema = z.strictObject({
  completed: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  cells: z.int().nonnegative(),
});
export type ShardCounts = z.infer<typeof shardCountsSchema>;

/** `submissions/{n}`: written before the queue is asked, so that a lost answer never doubles work. */
export const submissionRecordSchema = z.strictObject({
  name: z.string(),
  /** Run of the job that it works for. */
  run: z.int().nonnegative().default(0),
  workers: z.int().positive(),
  generation: z.int().nonnegative(),
  /** Committed cells at that moment: a submission that adds none made no progress. */
  committedCells: z.int().nonnegative(),
  /** Where its workers were to run; absent in records that were made before this was written. */
  pools: workerPoolsSchema.optional(),
  /** True where workers of an earlier submission of the run may live: their claims are theirs. */
  beside: z.boolean().optional(),
  /** Submissions right before this one that added no cell, by what ended them; none where absent. */
  idle: z.strictObject({ own: z.int().nonnegative(), lost: z.int().nonnegative() }).optional(),
});
export type SubmissionRecord = z.infer<typeof submissionRecordSchema>;

/**
 * Submissions in a row, of one start of the server, that may end by their workers' own doing without a
 * single new cell.
 */
export const MAX_IDLE_SUBMISSIONS = 5;

/**
 * As many as may be lost with their hosts. Each has ten attempts per worker, so this is hundreds of
 * hosts none of which lived for one cell: waiting longer would only cost more.
 */
export const MAX_LOST_SUBMISSIONS = 30;
