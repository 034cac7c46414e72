import * as z from 'zod';
import { exactUsdSchema } from '#core/contract/budget.ts';
import type { BudgetMonth } from '#core/cost/budget-month.ts';
import { addUsd, Usd } from '#core/cost/usd.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { listActiveJobs } from '../reconcile/reconcile-job.ts';
import { readJobHead } from '../records/job-records.ts';

/** What a job was quoted, and when it may start; it never changes. */
export const promisedJobSchema = z.strictObject({
  tenant: z.string(),
  usd: exactUsdSchema,
  startsAt: z.string().optional(),
});
export type PromisedJob = z.infer<typeof promisedJobSchema>;

const READS_IN_FLIGHT = 16;

/**
 * What was quoted to jobs that have not ended, by tenant: their rows come at their end, and until then
 * the money is as good as spent. A job that waits for the next month is paid for by that one.
 */
export class PromisedJobs {
  readonly #objectStore: ObjectStore;
  #known: ReadonlyMap<string, PromisedJob> = new Map();

  constructor(objectStore: ObjectStore) {
    this.#objectStore = objectStore;
  }

  /** Takes over what another process has read. */
  learn(jobs: Readonly<Record<string, PromisedJob>>): void {
    this.#known = new Map([...Object.entries(jobs), ...this.#known]);
  }

  /** By id: the jobs of the last look. */
  known(): Readonly<Record<string, PromisedJob>> {
    return Object.fromEntries(this.#known);
  }

  /** @param besides jobs that count whether they have ended or not */
  async inMonth(
    month: BudgetMonth,
    besides: Readonly<Record<string, PromisedJob>> = {},
  ): Promise<ReadonlyMap<string, Usd>> {
    const jobIds = await listActiveJobs({ objectStore: this.#objectStore });
    const jobs = await mapLimited(jobIds, { limit: READS_IN_FLIGHT }, (id) => this.#read(id));
    this.#known = new Map(jobs.flat());
    const sums = new Map<string, Usd>();
    const counted = new Map([...Object.entries(besides), ...this.#known]);
    for (const { tenant, usd, startsAt } of counted.values()) {
      if (Date.parse(startsAt ?? '') >= month.toMillis) continue;
      addUsd(sums, tenant, usd);
    }
    return sums;
  }

  async #read(jobId: string): Promise<readonly (readonly [string, PromisedJob])[]> {
    const known = this.#known.get(jobId);
    if (known !== undefined) return [[jobId, known]];
    // A damaged record is ended by the reconciler; nothing was promised that could be kept.
    const head = await readJobHead(this.#objectStore, jobId).catch(() => undefined);
    return head === undefined ? [] : [[jobId, promiseOf(head)]];
  }
}

/** A quote is a number in job.json; the ledger has no more than eighteen places. */
function promiseOf({ tenant, route }: JobHead): PromisedJob {
  const usd = new Usd(route?.quote.usd ?? 0).toDecimalPlaces(18).toFixed();
  const { startsAt } = route ?? {};
  return { tenant, usd, ...(startsAt === undefined ? {} : { startsAt }) };
}
