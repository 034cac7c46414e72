import { jobKeys } from '#core/jobs/job-keys.ts';
import { type RunRecord, runRecordSchema } from '#core/jobs/job-run.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, isDamaged, readJsonObject } from './read-json-object.ts';

/** Where a job stands in its series of runs. */
export interface JobRun {
  /** 0 for the first run, n after the n-th resume. Its terminal record is the one that stands. */
  readonly ordinal: number;
  /** True once its work was given up for removal: nothing follows this run any more. */
  readonly isExpired: boolean;
}

/** The latest run of a job: one listing, and one read where there was a resume. */
export async function readRun(objectStore: ObjectStore, jobId: string): Promise<JobRun> {
  let key: string | undefined;
  for await (const head of objectStore.list(jobKeys.runs(jobId))) key = head.key;
  if (key === undefined) return { ordinal: 0, isExpired: false };
  const ordinal = Number(key.slice(key.lastIndexOf('/') + 1));
  const isExpired = (await readKind(objectStore, { jobId, run: ordinal })) === 'expired';
  return { ordinal: isExpired ? ordinal - 1 : ordinal, isExpired };
}

/** Decides what follows a run; of a resume and a removal that race, the first one stands. */
export async function decideNextRun(
  ports: { readonly objectStore: ObjectStore; readonly clock: Clock },
  next: { readonly jobId: string; readonly run: number; readonly kind: RunRecord['kind'] },
): Promise<RunRecord['kind']> {
  const key = jobKeys.run(next.jobId, next.run);
  const at = new Date(ports.clock.epochMillis()).toISOString();
  if (await ports.objectStore.putIfAbsent(key, encodeJson({ kind: next.kind, at }))) {
    return next.kind;
  }
  return (await readKind(ports.objectStore, next)) ?? next.kind;
}

/**
 * What followed the run before. A damaged record counts as what lies beside it says: a resume marks its
 * run as active before it writes the record, and the mark stays until the run's end is written. Without
 * either the job's work was given up, and the removal can go on.
 */
async function readKind(
  objectStore: ObjectStore,
  { jobId, run }: { readonly jobId: string; readonly run: number },
): Promise<RunRecord['kind'] | undefined> {
  try {
    return (await readJsonObject(objectStore, jobKeys.run(jobId, run), runRecordSchema))?.kind;
  } catch (error) {
    if (!isDamaged(error)) throw error;
    // In this order: the mark goes after the end has come.
    for (const trace of [jobKeys.active(jobId, run), jobKeys.end(jobId, run)]) {
      if ((await objectStore.head(trace)) !== undefined) return 'resumed';
    }
    return 'expired';
  }
}
