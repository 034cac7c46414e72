import * as z from 'zod';
import { laneSchema } from '../contract/lane.ts';

/** The instance under a worker, as it says itself. */
const workerHostSchema = z.strictObject({
  instanceId: z.string(),
  instanceType: z.string(),
  /** When its launch was asked for: it is billed from about then on. */
  launchedAt: z.string(),
});
export type WorkerHost = z.infer<typeof workerHostSchema>;

/** `attempts/{name}/started`: one try of one worker began. */
export const attemptStartSchema = z.strictObject({
  attemptId: z.string(),
  submission: z.string(),
  arrayIndex: z.int().nonnegative(),
  attempt: z.int().positive(),
  startedAt: z.string(),
  /** Where it ran, where that is more than the job's lane says. */
  lane: laneSchema.optional(),
  /** Where it had an instance that could be asked. */
  host: workerHostSchema.optional(),
  /** Of the function that it ran in, MB; absent elsewhere. */
  memoryMib: z.int().positive().optional(),
});
type AttemptStart = z.infer<typeof attemptStartSchema>;

/** `attempts/{name}/ended`: it came to an end by itself. Absent where it was killed, or still runs. */
export const attemptEndSchema = z.strictObject({
  endedAt: z.string(),
  /** Time in the model, whether its cells were committed by this attempt or by another one. */
  modelMillis: z.number().nonnegative(),
});
type AttemptEnd = z.infer<typeof attemptEndSchema>;

export interface Attempt extends AttemptStart {
  readonly end: AttemptEnd | undefined;
}

/** What a committed cell says about who computed it and how long that took. */
export interface CommittedWork {
  readonly attemptId: string;
  readonly inferenceMillis: number;
}

/** How one attempt spent its life, in milliseconds. */
export interface AttemptSpan {
  readonly attempt: Attempt;
  /** Time in the model for cells that it committed. */
  readonly usefulMillis: number;
  /** Time in the model for work that was repeated; an estimate from above. */
  readonly lostMillis: number;
  /** When it was over; undefined where it may still run. */
  readonly endedAtMillis: number | undefined;
}

/**
 * An attempt that ended lost what it computed and somebody else had committed. One that was killed
 * lost at most the cell in hand, so at most the longest cell of the job, and at most the time until its
 * successor started. An attempt without an end and without a successor may still run, and lost nothing.
 */
export function attemptSpans(
  attempts: readonly Attempt[],
  committed: readonly CommittedWork[],
): readonly AttemptSpan[] {
  const useful = new Map<string, number>();
  for (const { attemptId, inferenceMillis } of committed) {
    useful.set(attemptId, (useful.get(attemptId) ?? 0) + inferenceMillis);
  }
  const longest = committed.reduce((most, cell) => Math.max(most, cell.inferenceMillis), 0);
  return attempts.map((attempt) => {
    const usefulMillis = useful.get(attempt.attemptId) ?? 0;
    const { end } = attempt;
    if (end !== undefined) {
      const lost = Math.max(0, end.modelMillis - usefulMillis);
      const endedAtMillis = Date.parse(end.endedAt);
      return { attempt, usefulMillis, lostMillis: lost, endedAtMillis };
    }
    const successor = successorOf(attempt, attempts);
    if (successor === undefined) {
      return { attempt, usefulMillis, lostMillis: 0, endedAtMillis: undefined };
    }
    const endedAtMillis = Date.parse(successor.startedAt);
    const livedMillis = endedAtMillis - Date.parse(attempt.startedAt);
    const lost = Math.min(longest, Math.max(0, livedMillis - usefulMillis));
    return { attempt, usefulMillis, lostMillis: lost, endedAtMillis };
  });
}

/** Time of the model whose work was repeated, in milliseconds, over all attempts of a job. */
export function lostMillis(
  attempts: readonly Attempt[],
  committed: readonly CommittedWork[],
): number {
  return attemptSpans(attempts, committed).reduce((lost, span) => lost + span.lostMillis, 0);
}

/** The next try of the same worker, else the first attempt of a later submission. */
function successorOf(attempt: Attempt, attempts: readonly Attempt[]): Attempt | undefined {
  const later = attempts.filter(({ startedAt }) => startedAt >= attempt.startedAt);
  const retries = later.filter(
    (other) =>
      other.submission === attempt.submission &&
      other.arrayIndex === attempt.arrayIndex &&
      other.attempt > attempt.attempt,
  );
  const others = later.filter(({ submission }) => submission !== attempt.submission);
  return first(retries) ?? first(others);
}

function first(attempts: readonly Attempt[]): Attempt | undefined {
  return attempts.reduce<Attempt | undefined>(
    (least, attempt) =>
      least === undefined || attempt.startedAt < least.startedAt ? attempt : least,
    undefined,
  );
}
