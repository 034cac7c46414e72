import type { BudgetMonth } from './budget-month.ts';
import type { LedgerRow } from './ledger-row.ts';
import { addUsd, Usd } from './usd.ts';

type AttemptPrice = Pick<LedgerRow, 'tenant' | 'usd'>;

/** What was counted so far, to go on from. */
export interface CountedRows {
  /** Exact, by tenant. */
  readonly spent: Readonly<Record<string, string>>;
  /** By the id of each attempt. */
  readonly attempts: Readonly<Record<string, AttemptPrice>>;
}

/**
 * What each tenant spent in one month, exactly, whatever the order of the rows. An attempt that is written
 * again replaces its earlier row; the pings of a deployment are no tenant's.
 */
export class TenantSums {
  readonly month: BudgetMonth;
  readonly #sums: Map<string, Usd>;
  readonly #attempts: Map<string, AttemptPrice>;

  constructor(month: BudgetMonth, counted: CountedRows = { spent: {}, attempts: {} }) {
    this.month = month;
    const spent = Object.entries(counted.spent);
    this.#sums = new Map(spent.map(([tenant, usd]) => [tenant, new Usd(usd)]));
    this.#attempts = new Map(Object.entries(counted.attempts));
  }

  /** Leaves out what ended in another month. */
  take(row: Pick<LedgerRow, 'id' | 'at' | 'source' | 'tenant' | 'usd'>): void {
    const atMillis = Date.parse(row.at);
    const isOfMonth = atMillis >= this.month.fromMillis && atMillis < this.month.toMillis;
    if (!isOfMonth || row.source === 'warm-up') return;
    if (row.source === 'attempt') this.#replace(row);
    addUsd(this.#sums, row.tenant, row.usd);
  }

  spentBy(tenant: string): Usd {
    return this.#sums.get(tenant) ?? new Usd(0);
  }

  /** Every tenant that has a row. */
  all(): ReadonlyMap<string, Usd> {
    return this.#sums;
  }

  counted(): CountedRows {
    const spent = [...this.#sums].map(([tenant, usd]) => [tenant, usd.toFixed()]);
    return { spent: Object.fromEntries(spent), attempts: Object.fromEntries(this.#attempts) };
  }

  #replace({ id, tenant, usd }: Pick<LedgerRow, 'id' | 'tenant' | 'usd'>): void {
    const before = this.#attempts.get(id);
    if (before !== undefined) addUsd(this.#sums, before.tenant, new Usd(before.usd).neg());
    this.#attempts.set(id, { tenant, usd });
  }
}
