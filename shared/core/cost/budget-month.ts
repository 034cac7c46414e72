/** A calendar month of UTC, the period of every budget. */
export interface BudgetMonth {
  /** Such as `2026-11`. */
  readonly name: string;
  readonly fromMillis: number;
  /** First moment that is not in it. */
  readonly toMillis: number;
}

/** The month that a moment is in. */
export function budgetMonthAt(epochMillis: number): BudgetMonth {
  const at = new Date(epochMillis);
  const year = at.getUTCFullYear();
  const month = at.getUTCMonth();
  return {
    name: at.toISOString().slice(0, 7),
    fromMillis: Date.UTC(year, month),
    toMillis: Date.UTC(year, month + 1),
  };
}
