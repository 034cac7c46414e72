import * as z from 'zod';
import { mapLimited } from '#core/map-limited.ts';
import type { JobPorts } from '../job-ports.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import {
  type ReconcileSummary,
  type RoundOptions,
  summarize,
  tendEndedJobs,
} from './reconcile-all.ts';
import { listActiveJobs, reconcileJob } from './reconcile-job.ts';

const LOOKS_IN_FLIGHT = 8;

/** Where the next round starts. */
const CURSOR_KEY = 'work/state/reconciler.json';
const cursorSchema = z.strictObject({ from: z.string() });

/**
 * As `reconcileAll`, for a round whose time is bounded: what it does not come to is where the next one
 * starts, so that no job waits for ever behind many others.
 *
 * @param hasTime asked before each look
 */
export async function reconcileWithin(
  ports: JobPorts,
  options: RoundOptions,
  hasTime: () => boolean,
): Promise<ReconcileSummary & { readonly postponed: number }> {
  let missed = 0;
  const active = await listActiveJobs(ports, (error) => {
    missed += 1;
    options.onTrouble?.(error);
  });
  const jobIds = await startingAtCursor(ports, active);
  const postponed: string[] = [];
  const looks = await mapLimited(jobIds, { limit: LOOKS_IN_FLIGHT }, async (jobId) => {
    if (!hasTime()) {
      postponed.push(jobId);
      return [];
    }
    const look = reconcileJob(ports, jobId).catch((error: unknown): 'troubled' => {
      options.onTrouble?.(error, jobId);
      return 'troubled';
    });
    return [await look];
  });
  const [next] = postponed;
  if (next !== undefined) await ports.objectStore.put(CURSOR_KEY, encodeJson({ from: next }));
  const nothing = { webhooks_delivered: 0, objects_removed: 0 };
  const tended = hasTime() ? await tendEndedJobs(ports, options) : nothing;
  const summary = summarize(looks.flat(), tended);
  return { ...summary, troubled: summary.troubled + missed, postponed: postponed.length };
}

async function startingAtCursor(ports: JobPorts, jobIds: readonly string[]): Promise<string[]> {
  const cursor = await readUndamagedJson(ports.objectStore, CURSOR_KEY, cursorSchema);
  const sorted = jobIds.toSorted();
  if (cursor === undefined) return sorted;
  const at = sorted.findIndex((jobId) => jobId >= cursor.from);
  return at < 0 ? sorted : [...sorted.slice(at), ...sorted.slice(0, at)];
}
