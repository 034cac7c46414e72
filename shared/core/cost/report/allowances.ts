import type { CostLine } from './cost-line.ts';

/** What AWS gives every account each month, for good, shared by everything in the account. */
const monthlyAllowances: Readonly<Record<string, number>> = {
  'lambda requests': 1_000_000,
  // Either architecture, not provisioned concurrency.
  'lambda duration-x86_64': 400_000,
  'lambda duration-arm64': 400_000,
  'data-transfer internet-out': 100,
  'cloudwatch logs-ingested': 5,
  'cloudwatch metrics': 10,
  'cloudwatch alarms': 10,
  'cloudwatch dashboards': 3,
  'sqs standard-requests': 1_000_000,
  'scheduler invocations': 14_000_000,
};

/** The bill of an account that has nothing else in it: each allowance is used up line by line. */
export function usdAfterAllowances(lines: readonly CostLine[]): number {
  const left = new Map(Object.entries(monthlyAllowances));
  return lines.reduce((sum, line) => {
    const free = Math.min(line.quantity, left.get(line.item) ?? 0);
    left.set(line.item, (left.get(line.item) ?? 0) - free);
    const share = line.quantity === 0 ? 0 : (line.quantity - free) / line.quantity;
    return sum + line.usd * share;
  }, 0);
}
