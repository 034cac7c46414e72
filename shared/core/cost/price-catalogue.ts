import type { PriceRow } from './price-file.ts';
import { readPriceFile } from './price-file.ts';

export interface PriceQuery {
  readonly service: string;
  readonly dimension: string;
  readonly region: string;
}

/** Found, or why not. A price is never borrowed from another region. */
export type PriceLookup =
  | { readonly kind: 'found'; readonly price: Price }
  | { readonly kind: 'unknown_price'; readonly query: PriceQuery; readonly reason: string }
  | { readonly kind: 'unknown_region'; readonly query: PriceQuery; readonly reason: string };

export interface Price extends PriceRow {
  readonly ageDays: number;
  /** Older than the catalogue's limit: still used, and every report says so. */
  readonly isStale: boolean;
}

export interface PriceCatalogue {
  /** One price of a region; spot prices have zones and are read by `zones`. */
  find(query: PriceQuery): PriceLookup;
  /** The prices of each zone of a region, cheapest first; none where none is known. */
  zones(query: PriceQuery): readonly Price[];
  readonly regions: readonly string[];
  readonly rows: readonly Price[];
}

export interface PriceCatalogueOptions {
  /** Today, as YYYY-MM-DD: the age of a price is counted from it. */
  readonly today: string;
  /**
   * Age in days after which a list price is marked.
   *
   * @default 365
   */
  readonly staleAfterDays?: number;
  /**
   * Age in days after which a spot price is marked: AWS itself keeps 90 days of them.
   *
   * @default 90
   */
  readonly spotStaleAfterDays?: number;
}

/**
 * Puts price files together; of two prices of one place the one with the later day stands, and of
 * equal days the one of the later file. Throws `invalid_setting` for a file that breaks its schema.
 */
export function createPriceCatalogue(
  files: readonly unknown[],
  options: PriceCatalogueOptions,
): PriceCatalogue {
  const read = files.map(readPriceFile);
  const latest = new Map<string, PriceRow>();
  for (const row of read.flatMap(({ rows }) => rows)) {
    const key = keyOf(row);
    const other = latest.get(key);
    if (other === undefined || other.asOf <= row.asOf) latest.set(key, row);
  }
  const prices = new Map([...latest].map(([key, row]) => [key, withAge(row, options)]));
  const rows = [...prices.values()];
  const regions = [...new Set(rows.map(({ region }) => region))].filter((name) => name !== '*');
  const unknown = read.flatMap((file) => file.unknown);
  return {
    rows,
    regions: regions.sort(),
    find: (query) => {
      const price = prices.get(keyOf(query)) ?? prices.get(keyOf({ ...query, region: '*' }));
      if (!regions.includes(query.region)) return unknownRegion(query, regions);
      if (price !== undefined) return { kind: 'found', price };
      return { kind: 'unknown_price', query, reason: reasonOf(query, unknown) };
    },
    zones: ({ service, dimension, region }) =>
      rows
        .filter(
          (row) =>
            row.zone !== undefined &&
            row.service === service &&
            row.dimension === dimension &&
            row.region === region,
        )
        .sort((left, right) => Number(left.tiers[0]?.usd) - Number(right.tiers[0]?.usd)),
  };
}

function keyOf(row: PriceQuery & { readonly zone?: string | undefined }): string {
  return [row.service, row.dimension, row.region, row.zone ?? ''].join('|');
}

function withAge(row: PriceRow, options: PriceCatalogueOptions): Price {
  const ageDays = Math.round((Date.parse(options.today) - Date.parse(row.asOf)) / 86_400_000);
  const { staleAfterDays = 365, spotStaleAfterDays = 90 } = options;
  const limitDays = row.zone === undefined ? staleAfterDays : spotStaleAfterDays;
  return { ...row, ageDays, isStale: ageDays > limitDays };
}

function unknownRegion(query: PriceQuery, regions: readonly string[]): PriceLookup {
  const reason = `no price of ${query.region} is known; there are ${regions.join(', ')}. Run switchyard prices refresh --region ${query.region}`;
  return { kind: 'unknown_region', query, reason };
}

function reasonOf(
  query: PriceQuery,
  unknown: readonly {
    readonly service: string;
    readonly dimension: string;
    readonly regions: readonly string[];
    readonly reason: string;
  }[],
): string {
  const said = unknown.find(
    ({ service, dimension, regions }) =>
      service === query.service && dimension === query.dimension && regions.includes(query.region),
  );
  const why = said?.reason ?? 'no source was read for it';
  return `${query.service} ${query.dimension} in ${query.region}: ${why}. Run switchyard prices refresh --region ${query.region}`;
}
