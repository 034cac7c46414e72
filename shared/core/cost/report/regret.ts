import { FLEET_WIDTH } from './alternatives.ts';
import type { Assumptions } from './assumptions.ts';
import { fleetJob, instanceJob } from './job-cost.ts';
import type { JobCharge } from './ledger-summary.ts';
import type { PriceBook } from './price-book.ts';
import type { Workload } from './workload.ts';

/** What was paid against the cheapest way that hindsight shows. */
export interface Regret {
  /** What is compared: the jobs of a ledger, or the plan of a workload. */
  readonly basis: 'jobs of the ledger' | 'jobs of the plan';
  readonly paidUsd: number;
  readonly bestUsd: number;
  /** 1 is perfect. */
  readonly ratio: number;
  readonly jobs: readonly JobRegret[];
}

interface JobRegret {
  readonly job: string;
  readonly items: number;
  readonly paidUsd: number;
  readonly bestUsd: number;
  readonly best: string;
}

/** The cheapest way for one job, were its size known beforehand. */
function bestOfJob(
  book: PriceBook,
  a: Assumptions,
  items: number,
): { readonly name: string; readonly usd: number } {
  const gpu = { instanceType: 'g4dn.xlarge', items } as const;
  const ways = [
    { name: 'Lambda fleet', usd: bestFleetUsd(book, a, items) },
    { name: 'g4dn.xlarge spot', usd: instanceJob(book, a, { ...gpu, market: 'spot' }).usd },
    {
      name: 'g4dn.xlarge on demand',
      usd: instanceJob(book, a, { ...gpu, market: 'on-demand' }).usd,
    },
  ];
  return ways.reduce((best, way) => (way.usd < best.usd ? way : best));
}

/** A narrower fleet has fewer cold starts; with no deadline one environment is cheapest. */
function bestFleetUsd(book: PriceBook, a: Assumptions, items: number): number {
  return Math.min(...[1, 10, FLEET_WIDTH].map((width) => fleetJob(book, a, { items, width }).usd));
}

/** Regret of the jobs that were charged. */
export function regretOfJobs(
  book: PriceBook,
  a: Assumptions,
  charges: readonly JobCharge[],
): Regret | undefined {
  const jobs = charges
    .filter(({ items }) => items > 0)
    .map(({ job, items, usd }): JobRegret => {
      // What was done is one of the ways that hindsight knows.
      const modelled = bestOfJob(book, a, items);
      const best = modelled.usd < usd ? modelled : { name: 'as it was', usd };
      return { job, items, paidUsd: usd, bestUsd: best.usd, best: best.name };
    });
  return jobs.length === 0 ? undefined : regretOf('jobs of the ledger', jobs);
}

/** Regret of a plan that sends every job to spot, whatever its size. */
export function regretOfPlan(
  book: PriceBook,
  a: Assumptions,
  workload: Workload,
): Regret | undefined {
  const { bulkItemsPerMonth, jobsPerMonth } = workload;
  if (bulkItemsPerMonth === 0 || jobsPerMonth === 0) return undefined;
  const items = bulkItemsPerMonth / jobsPerMonth;
  const spot = instanceJob(book, a, { instanceType: 'g4dn.xlarge', market: 'spot', items });
  const best = bestOfJob(book, a, items);
  const job = `each of ${Math.round(jobsPerMonth)} jobs`;
  return regretOf('jobs of the plan', [
    { job, items, paidUsd: spot.usd, bestUsd: best.usd, best: best.name },
  ]);
}

function regretOf(basis: Regret['basis'], jobs: readonly JobRegret[]): Regret {
  const paidUsd = jobs.reduce((sum, job) => sum + job.paidUsd, 0);
  const bestUsd = jobs.reduce((sum, job) => sum + job.bestUsd, 0);
  return { basis, paidUsd, bestUsd, ratio: paidUsd / bestUsd, jobs };
}
