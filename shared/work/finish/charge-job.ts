import { attemptRows } from '#core/cost/attempt-rows.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectHead } from '#core/ports/object-store.ts';
import type { JobPorts } from '../job-ports.ts';
import { listParts } from '../records/job-parts.ts';
import { readWholeFooter } from '../records/read-committed.ts';
import { readPlanSummary } from '../worker/plan-job.ts';
import { readAttempts } from '../worker/record-attempt.ts';

const READS_IN_FLIGHT = 16;

/**
 * Takes the attempts of a job whose workers have stopped into the ledger, before its records and parts
 * are removed. Repeated after a crash or a resume: a row has the id of its attempt, and the last stands.
 */
export async function chargeJob(
  ports: Pick<JobPorts, 'objectStore' | 'charges'>,
  ended: { readonly job: JobHead; readonly endedAtMillis: number },
): Promise<void> {
  const { charges, objectStore } = ports;
  const rates = charges?.rates();
  if (charges === undefined || rates === undefined) return;
  const { id, tenant, model, lane } = ended.job;
  const plan = await readPlanSummary(objectStore, id);
  const heads: ObjectHead[] = [];
  for (let shard = 0; shard < (plan?.shards ?? 0); shard += 1) {
    heads.push(...(await listParts(objectStore, id, shard)).values());
  }
  const footers = await mapLimited(heads, { limit: READS_IN_FLIGHT }, async (head) => {
    const footer = await readWholeFooter(objectStore, head);
    return footer === undefined ? [] : [footer];
  });
  const attempts = await readAttempts(objectStore, id);
  const { endedAtMillis } = ended;
  const job = { id, tenant, model, lane, endedAtMillis, attempts, footers: footers.flat() };
  for (const row of attemptRows(job, rates)) charges.ledger.append(row);
  await charges.ledger.flush();
}
