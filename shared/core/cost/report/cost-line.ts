import type { PriceBook } from './price-book.ts';

/** One multiplication of a month's bill, as a reader can check it. */
export interface CostLine {
  readonly part: CostPart;
  readonly label: string;
  /** Price list item; undefined where the line is free by nature. */
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly usdPerUnit: number;
  readonly usd: number;
  /** Grows with use; the rest is paid for an idle month too. */
  readonly isUsage: boolean;
  /** The price is not known: the line counts nothing, and the total is a lower bound. */
  readonly isUnpriced: boolean;
}

/** Where in the bill a line belongs. */
type CostPart = 'requests' | 'bulk' | 'always on' | 'warmth' | 'network' | 'upkeep';

export interface WantedLine {
  readonly part: CostPart;
  readonly label: string;
  readonly item: string;
  readonly quantity: number;
  /** @default true */
  readonly isUsage?: boolean;
}

/** Prices a line from the book, tiers included. */
export function costLine(book: PriceBook, wanted: WantedLine): CostLine {
  const { part, label, item, quantity, isUsage = true } = wanted;
  const price = book.price(item);
  return {
    part,
    label,
    item,
    quantity,
    unit: price?.unit ?? 'unit',
    usdPerUnit: price?.usdPerUnit ?? 0,
    usd: book.usd(item, quantity) ?? 0,
    isUsage,
    isUnpriced: price === undefined,
  };
}

/** Dollars of a month. */
export function sumLines(lines: readonly CostLine[]): number {
  return lines.reduce((sum, line) => sum + line.usd, 0);
}
