import type { Workload } from '#core/cost/report/workload.ts';
import { showCount } from './show-numbers.ts';

/** The workload in one sentence. */
export function workloadSentence(workload: Workload): string {
  const { requestsPerMonth, bulkItemsPerMonth, jobsPerMonth, origin, detail } = workload;
  const jobs = jobsPerMonth >= 1 ? ` in ${Math.round(jobsPerMonth)} jobs` : '';
  const bulk =
    bulkItemsPerMonth === 0 ? '' : ` and ${showCount(bulkItemsPerMonth)} bulk items${jobs}`;
  const from = origin === 'flags' ? '' : ` (${detail})`;
  return `${showCount(requestsPerMonth)} requests${bulk} a month${from}.`;
}
