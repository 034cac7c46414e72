import * as z from 'zod';

/** Who holds a unit of work. The owner renews its own record; nobody else writes it. */
export const claimRecordSchema = z.strictObject({
  submission: z.string(),
  arrayIndex: z.int().nonnegative(),
  attempt: z.int().positive(),
  generation: z.int().nonnegative(),
  /** Grows with every renewal. */
  beat: z.int().nonnegative(),
  released: z.boolean(),
});
export type ClaimRecord = z.infer<typeof claimRecordSchema>;

/** A worker's place: its submission, its index in the array, its try, its server's generation. */
export interface WorkerIdentity
  extends Pick<ClaimRecord, 'submission' | 'arrayIndex' | 'attempt' | 'generation'> {
  /** True where workers of earlier submissions may live. */
  readonly beside?: boolean | undefined;
}

/** How often an owner renews its claim. */
export const CLAIM_RENEW_MILLIS = 10_000;
/** How long a claim must stand still, on the taker's own monotonic clock, before it is taken over. */
export const CLAIM_EXPIRY_MILLIS = 30_000;

/**
 * True where the owner is known to be gone, so nobody needs to wait for the expiry: it let go, it was
 * an earlier try of the same worker, or it belonged to an earlier submission or start of the server. A
 * job is submitted again only when its queue says that nobody of the submission before is left; a taker
 * that was submitted beside one that lives says so.
 */
export function isSuperseded(owner: ClaimRecord, taker: WorkerIdentity): boolean {
  if (owner.released || owner.generation < taker.generation) return true;
  if (owner.submission !== taker.submission) {
    return taker.beside !== true && ordinalOf(owner) < ordinalOf(taker);
  }
  return owner.arrayIndex === taker.arrayIndex && owner.attempt < taker.attempt;
}

/** Submissions of a job are numbered: `<job id>-<ordinal>`. NaN, for another name, is never less. */
function ordinalOf({ submission }: { readonly submission: string }): number {
  return Number(/-(\d+)$/.exec(submission)?.[1] ?? Number.NaN);
}

/** Names an attempt of a worker; goes into parts, so that it knows its own. */
export function attemptIdOf(worker: WorkerIdentity): string {
  return `${worker.submission}/${worker.arrayIndex}/${worker.attempt}`;
}
