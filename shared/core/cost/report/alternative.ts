import type { CostLine } from './cost-line.ts';
import type { JobCost } from './job-cost.ts';
import type { Workload } from './workload.ts';

/** One way to run the whole workload, with its bill. */
export interface Alternative {
  readonly id: string;
  readonly name: string;
  readonly family: 'lambda' | 'batch' | 'always on' | 'managed';
  readonly lines: readonly CostLine[];
  readonly usd: number;
  /** Of it, what an idle month costs too. */
  readonly fixedUsd: number;
  /** Usual answer of a request, in milliseconds. */
  readonly answerMillis: number;
  /** Answer after a cold start; undefined where there are none. */
  readonly coldMillis: number | undefined;
  /** Whether a caller can wait for the answer. */
  readonly isOnline: boolean;
  /** One bulk job of the workload, in seconds; undefined where there are none. */
  readonly jobSeconds: number | undefined;
  readonly note: string;
  /** Some line has no known price: the sum is at least this. */
  readonly isLowerBound: boolean;
}

/** An alternative before its bill is added up. */
export type Way = Omit<Alternative, 'usd' | 'fixedUsd' | 'isLowerBound'>;

/** How long one job of the workload takes. */
export function jobSeconds(
  workload: Workload,
  costOf: (items: number) => Pick<JobCost, 'seconds'>,
): number | undefined {
  const { bulkItemsPerMonth: items, jobsPerMonth: jobs } = workload;
  return items === 0 || jobs === 0 ? undefined : costOf(items / jobs).seconds;
}
