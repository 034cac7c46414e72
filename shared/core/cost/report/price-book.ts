import type { Price, PriceCatalogue } from '../price-catalogue.ts';
import { tieredUsd, unitUsd } from '../price-quantity.ts';
import { spotPricesOf } from '../spot-price.ts';

/** A price as a report shows it: what it is, and who said so when. */
export interface BookedPrice {
  /** Service and dimension, as in the ledger. */
  readonly item: string;
  readonly unit: string;
  readonly usdPerUnit: number;
  readonly source: string;
  readonly asOf: string;
  readonly isStale: boolean;
}

/** The prices of one region, and which of them were asked for. */
export interface PriceBook {
  readonly region: string;
  /** What a month's quantity costs, tier by tier; undefined where the price is not known. */
  usd(item: string, quantity: number): number | undefined;
  /** The price of one unit in the first tier. */
  price(item: string): BookedPrice | undefined;
  /** Every price that was asked for so far, in the order of asking. */
  used(): readonly BookedPrice[];
  /** Every price that was asked for and is not known, with the reason. */
  unknown(): readonly { readonly item: string; readonly reason: string }[];
}

/** A price given instead of the catalogue's, such as a rounded one of a scenario. */
interface PriceOverride {
  readonly usdPerUnit: number;
  readonly source: string;
  readonly asOf: string;
}

export interface PriceBookOptions {
  readonly region: string;
  /**
   * Prices that stand over the catalogue's, by item.
   *
   * @default - none
   */
  readonly overrides?: Readonly<Record<string, PriceOverride>>;
}

interface Entry {
  readonly booked: BookedPrice;
  readonly usd: (quantity: number) => number;
}

/** Opens the prices of a region. Spot prices are the median over its zones. */
export function openPriceBook(catalogue: PriceCatalogue, options: PriceBookOptions): PriceBook {
  const { region, overrides = {} } = options;
  const entries = new Map<string, Entry | { readonly reason: string }>();
  const look = (item: string): Entry | { readonly reason: string } => {
    const known = entries.get(item);
    if (known !== undefined) return known;
    const override = overrides[item];
    const entry =
      override === undefined ? fromCatalogue(catalogue, item, region) : given(item, override);
    entries.set(item, entry);
    return entry;
  };
  return {
    region,
    usd: (item, quantity) => {
      const entry = look(item);
      return 'reason' in entry ? undefined : entry.usd(quantity);
    },
    price: (item) => {
      const entry = look(item);
      return 'reason' in entry ? undefined : entry.booked;
    },
    used: () => [...entries.values()].flatMap((entry) => ('reason' in entry ? [] : [entry.booked])),
    unknown: () =>
      [...entries].flatMap(([item, entry]) =>
        'reason' in entry ? [{ item, reason: entry.reason }] : [],
      ),
  };
}

function given(item: string, override: PriceOverride): Entry {
  const booked = { item, unit: 'hour', isStale: false, ...override };
  return { booked, usd: (quantity) => quantity * override.usdPerUnit };
}

function fromCatalogue(
  catalogue: PriceCatalogue,
  item: string,
  region: string,
): Entry | { readonly reason: string } {
  const [service = '', dimension = ''] = item.split(' ');
  if (service === 'ec2-spot')
    return spotEntry(catalogue, { item, region, instanceType: dimension });
  const lookup = catalogue.find({ service, dimension, region });
  if (lookup.kind !== 'found') return { reason: lookup.reason };
  return entryOf(item, lookup.price);
}

function spotEntry(
  catalogue: PriceCatalogue,
  spot: { readonly item: string; readonly region: string; readonly instanceType: string },
): Entry | { readonly reason: string } {
  const prices = spotPricesOf(catalogue, spot);
  if (prices === undefined) {
    return { reason: `no usable spot price of ${spot.instanceType} in ${spot.region} is known` };
  }
  const usdPerUnit = prices.median.toNumber();
  const { usableZones, lowest } = prices;
  const booked = {
    ...bookedOf(spot.item, lowest),
    usdPerUnit,
    source: `median of ${usableZones} zones: ${lowest.source}`,
  };
  return { booked, usd: (quantity) => quantity * usdPerUnit };
}

function entryOf(item: string, price: Price): Entry {
  return {
    booked: bookedOf(item, price),
    usd: (quantity) => tieredUsd(price, quantity).toNumber(),
  };
}

function bookedOf(item: string, price: Price): BookedPrice {
  const { unit, source, asOf, isStale } = price;
  return { item, unit, usdPerUnit: unitUsd(price).toNumber(), source, asOf, isStale };
}
