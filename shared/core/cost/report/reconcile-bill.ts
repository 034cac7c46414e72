import { sumUsd, Usd } from '../usd.ts';
import { type BillRow, isShared, itemOfBillRow } from './bill-row.ts';
import { hasTag } from './bill-tags.ts';

/** The estimate beside what was billed. */
export interface Reconciliation {
  readonly from: string;
  readonly to: string;
  readonly estimateUsd: number;
  readonly actualUsd: number;
  /** Actual less estimate. */
  readonly gapUsd: number;
  readonly items: readonly ReconciledItem[];
  /** Usage that the estimate has no word for; the part of the gap that nothing explains. */
  readonly unexplained: readonly { readonly usageType: string; readonly usd: number }[];
  readonly unexplainedUsd: number;
  /** Taxes, credits, refunds, fees: not usage. */
  readonly otherChargesUsd: number;
  /** What spot saved against the on-demand price, as the bill has it. */
  readonly spotSavingUsd: number;
  readonly rows: number;
  /** Rows that carry another tag, left out. */
  readonly untaggedRows: number;
}

interface ReconciledItem {
  readonly item: string;
  readonly estimateUsd: number;
  readonly actualUsd: number;
  readonly gapUsd: number;
  /** Cannot be tied to one deployment: the bill's figure is the whole account's. */
  readonly isShared: boolean;
}

export interface ReconcileOptions {
  /** Estimate of a month, dollars per price list item. */
  readonly monthlyUsd: ReadonlyMap<string, number>;
  /**
   * Tag that the deployment's resources carry, as `key=value`; shared charges never carry one.
   *
   * @default - every row of the bill is counted
   */
  readonly tag?: string;
}

const MONTH_MILLIS = 730 * 3_600_000;
const usageTypes = new Set(['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage']);

/** Lays a bill beside a month's estimate, which is cut to the time that the bill covers. */
export function reconcileBill(bill: readonly BillRow[], options: ReconcileOptions): Reconciliation {
  const { from, to } = periodOf(bill);
  const share = (Date.parse(to) - Date.parse(from)) / MONTH_MILLIS;
  const usage = bill.filter((row) => usageTypes.has(row.line_item_line_item_type));
  const ours = usage.filter((row) => isOurs(row, options.tag));
  const named = Map.groupBy(ours, (row) => itemOfBillRow(row) ?? '');
  const unknown = Map.groupBy(named.get('') ?? [], (row) => row.line_item_usage_type);
  named.delete('');
  const names = new Set([...options.monthlyUsd.keys(), ...named.keys()]);
  const items = [...names].map((item): ReconciledItem => {
    const estimateUsd = (options.monthlyUsd.get(item) ?? 0) * share;
    const actualUsd = costOf(named.get(item) ?? []);
    return {
      item,
      estimateUsd,
      actualUsd,
      gapUsd: actualUsd - estimateUsd,
      isShared: isShared(item),
    };
  });
  const unexplained = [...unknown].map(([usageType, rows]) => ({ usageType, usd: costOf(rows) }));
  const estimateUsd = items.reduce((sum, item) => sum + item.estimateUsd, 0);
  const actualUsd = costOf(ours);
  return {
    from,
    to,
    estimateUsd,
    actualUsd,
    gapUsd: actualUsd - estimateUsd,
    items: items.sort((x, y) => Math.abs(y.gapUsd) - Math.abs(x.gapUsd)),
    unexplained: unexplained.sort((x, y) => y.usd - x.usd),
    unexplainedUsd: unexplained.reduce((sum, { usd }) => sum + usd, 0),
    otherChargesUsd: costOf(bill.filter((row) => !usageTypes.has(row.line_item_line_item_type))),
    spotSavingUsd: spotSavingOf(ours),
    rows: bill.length,
    untaggedRows: usage.length - ours.length,
  };
}

function periodOf(bill: readonly BillRow[]): { readonly from: string; readonly to: string } {
  const starts = bill.map((row) => isoOf(row.line_item_usage_start_date)).sort();
  const ends = bill.map((row) =>
    isoOf(row.line_item_usage_end_date || row.line_item_usage_start_date),
  );
  return { from: starts[0] ?? '', to: ends.sort().at(-1) ?? '' };
}

/** Reports write times in UTC, some without saying so. */
function isoOf(time: string): string {
  const text = time.replace(' ', 'T');
  return new Date(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`).toISOString();
}

function isOurs(row: BillRow, tag: string | undefined): boolean {
  if (tag === undefined || isShared(itemOfBillRow(row) ?? '')) return true;
  return hasTag(row.resource_tags, tag);
}

function costOf(rows: readonly BillRow[]): number {
  return sumUsd(rows.map((row) => row.line_item_unblended_cost)).toNumber();
}

function spotSavingOf(rows: readonly BillRow[]): number {
  return rows
    .filter((row) => row.line_item_usage_type.includes('SpotUsage:'))
    .reduce((sum, row) => {
      const onDemand = new Usd(row.pricing_public_on_demand_cost || row.line_item_unblended_cost);
      return sum.plus(onDemand).minus(row.line_item_unblended_cost);
    }, new Usd(0))
    .toNumber();
}
