import type { BudgetMonth } from '#core/cost/budget-month.ts';
import { Usd } from '#core/cost/usd.ts';
import type { JobHead } from '#core/jobs/job-record.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { listActiveJobs } from '../reconcile/reconcile-job.ts';
import { readJobHead } from '../records/job-records.ts';

type PromisedJob = Pick<JobHead, 'tenant' | 'route'>;

const READS_IN_FLIGHT = 16;
/** Records that are not read again: what a job was quoted never changes. */
const REMEMBERED = 10_000;

/**
 * What was quoted to jobs that have not ended, by tenant: their rows come at their end, and until then
 * the money is as good as spent. A job that waits for the next month is paid for by that one.
 */
export class PromisedJobs {
  readonly #objectStore: ObjectStore;
  readonly #known = new Map<string, PromisedJob>();

  constructor(objectStore: ObjectStore) {
    this.#objectStore = objectStore;
  }

  async inMonth(month: BudgetMonth): Promise<ReadonlyMap<string, Usd>> {
    const jobIds = await listActiveJobs({ objectStore: this.#objectStore });
    const jobs = await mapLimited(jobIds, { limit: READS_IN_FLIGHT }, (id) => this.#read(id));
    const sums = new Map<string, Usd>();
    for (const { tenant, route } of jobs.flat()) {
      if (route === undefined || Date.parse(route.startsAt ?? '') >= month.toMillis) continue;
      sums.set(tenant, (sums.get(tenant) ?? new Usd(0)).plus(exact(route.quote.usd)));
    }
    return sums;
  }

  async #read(jobId: string): Promise<readonly PromisedJob[]> {
    const known = this.#known.get(jobId);
    if (known !== undefined) return [known];
    // A damaged record is ended by the reconciler; nothing was promised that could be kept.
    const head = await readJobHead(this.#objectStore, jobId).catch(() => undefined);
    if (head === undefined) return [];
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const { tenant, route } = head;
    const job = { tenant, route };
    this.#known.set(jobId, job);
    return [job];
  }
}

/** A quote is a number in job.json; the ledger has no more than eighteen places. */
function exact(usd: number): Usd {
  return new Usd(usd).toDecimalPlaces(18);
}
