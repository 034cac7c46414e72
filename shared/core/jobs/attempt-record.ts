import { z } from 'zod';

/** `attempts/{name}/started`: one try of one worker began. */
export const attemptStartSchema = z.strictObject({
  attemptId: z.string(),
  submission: z.string(),
  arrayIndex: z.int().nonnegative(),
  attempt: z.int().positive(),
  startedAt: z.string(),
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

/**
 * Time of the model whose work was repeated, in milliseconds: an estimate from above. An attempt that
 * ended lost what it computed and somebody else had committed. One that was killed lost at most the
 * cell in hand, so at most the longest cell of the job, and at most the time until its successor
 * started. An attempt without an end and without a successor may still run, and counts nothing.
 */
export function lostMillis(
  attempts: readonly Attempt[],
  committed: readonly CommittedWork[],
): number {
  const useful = new Map<string, number>();
  for (const { attemptId, inferenceMillis } of committed) {
    useful.set(attemptId, (useful.get(attemptId) ?? 0) + inferenceMillis);
  }
  const longest = committed.reduce((most, cell) => Math.max(most, cell.inferenceMillis), 0);
  return attempts.reduce((lost, attempt) => {
    const usefulMillis = useful.get(attempt.attemptId) ?? 0;
    if (attempt.end !== undefined) {
      return lost + Math.max(0, attempt.end.modelMillis - usefulMillis);
    }
    const successor = successorOf(attempt, attempts);
    if (successor === undefined) return lost;
    const livedMillis = Date.parse(successor.startedAt) - Date.parse(attempt.startedAt);
    return lost + Math.min(longest, Math.max(0, livedMillis - usefulMillis));
  }, 0);
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
