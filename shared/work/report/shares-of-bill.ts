import type { Report } from '#core/cost/report/build-report.ts';
import { batchHours } from '#core/cost/report/bulk-path.ts';

export interface ShareOfBill {
  readonly name: string;
  readonly usd: number;
}

const SECONDS_PER_HOUR = 3_600;

/** The ledger by kind; without one the plan, whose starts and interruptions are taken apart. */
export function sharesOf(report: Report): readonly ShareOfBill[] {
  const { ledger } = report;
  if (ledger !== undefined) {
    return ledger.byKind.map(({ name, usd }) => ({ name, usd: Number(usd) }));
  }
  return planShares(report);
}

function planShares({ headline, workload, assumptions: a }: Report): readonly ShareOfBill[] {
  const { lines, id } = headline.plan;
  const sum = (...parts: readonly string[]) =>
    lines.filter(({ part }) => parts.includes(part)).reduce((total, { usd }) => total + usd, 0);
  const cold = lines.filter(({ label }) => label === 'Cold starts');
  const coldUsd = cold.reduce((total, { usd }) => total + usd, 0);
  const bulkUsd = sum('bulk');
  const batch = id.startsWith('lambda-spot') ? batchShares(workload, a) : { idle: 0, lost: 0 };
  return [
    { name: 'Useful: requests', usd: sum('requests') - coldUsd },
    { name: 'Useful: bulk', usd: bulkUsd * (1 - batch.idle - batch.lost) },
    { name: 'Idle: cold starts and boots', usd: coldUsd + bulkUsd * batch.idle },
    { name: 'Lost: interruptions', usd: bulkUsd * batch.lost },
    { name: 'Warm', usd: sum('warmth') },
    { name: 'Upkeep: image, alarms, dashboard', usd: sum('upkeep', 'network', 'always on') },
  ].sort((x, y) => y.usd - x.usd);
}

/** Shares of the instance hours that start instances, and that repeat work. */
function batchShares(
  workload: Report['workload'],
  a: Report['assumptions'],
): { readonly idle: number; readonly lost: number } {
  const plan = {
    instanceType: 'g4dn.xlarge',
    market: 'spot',
    items: workload.bulkItemsPerMonth,
    jobs: workload.jobsPerMonth,
  } as const;
  const hours = batchHours(a, plan);
  const idleHours = (plan.jobs * a.setupSeconds) / SECONDS_PER_HOUR;
  const calmHours = batchHours(a, { ...plan, market: 'on-demand' });
  return { idle: idleHours / hours, lost: (hours - calmHours) / hours };
}
