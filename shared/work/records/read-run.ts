import { jobKeys } from '#core/jobs/job-keys.ts';
import { type RunRecord, runRecordSchema } from '#core/jobs/job-run.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';

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
  const record = await readJsonObject(objectStore, key, runRecordSchema);
  const isExpired = record?.kind === 'expired';
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
  return (await readJsonObject(ports.objectStore, key, runRecordSchema))?.kind ?? next.kind;
}
