import * as z from 'zod';

/** A month of work. */
const workloadSchema = z.strictObject({
  /** Where the figures come from, for the first line of the report. */
  origin: z.enum(['flags', 'ledger', 'trace']),
  /** Such as the name of the trace, or the days of the ledger. */
  detail: z.string(),
  requestsPerMonth: z.number().nonnegative(),
  bulkItemsPerMonth: z.number().nonnegative(),
  jobsPerMonth: z.number().nonnegative(),
});
export type Workload = z.infer<typeof workloadSchema>;

/** The scenario of the design documents, with ten million bulk items to give the GPU something to do. */
export const designWorkload: Workload = {
  origin: 'flags',
  detail: "the design documents' scenario",
  requestsPerMonth: 1_000_000,
  bulkItemsPerMonth: 10_000_000,
  jobsPerMonth: 60,
};

/** Items of both kinds, the unit in which alternatives are compared. */
export function itemsOf(workload: Workload): number {
  return workload.requestsPerMonth + workload.bulkItemsPerMonth;
}
