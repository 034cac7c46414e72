import type { Price, PriceCatalogue } from './price-catalogue.ts';
import { unitUsd } from './price-quantity.ts';
import { Usd } from './usd.ts';

/** Spot prices of one type over the zones of a region, dollars per hour. */
export interface SpotPrices {
  /** What a plan counts with: no zone is promised. */
  readonly median: Usd;
  readonly lowest: Price;
  readonly highest: Price;
  /** Zones whose price says something about supply. */
  readonly usableZones: number;
  /** Zones at the ceiling (the on-demand price) or the floor (a tenth of it): capacity unknown. */
  readonly boundZones: readonly string[];
}

/** Undefined where no zone of the region has a price that says something. */
export function spotPricesOf(
  catalogue: PriceCatalogue,
  place: { readonly region: string; readonly instanceType: string },
): SpotPrices | undefined {
  const query = { dimension: place.instanceType, region: place.region };
  const zones = catalogue.zones({ ...query, service: 'ec2-spot' });
  const onDemand = catalogue.find({ ...query, service: 'ec2' });
  const ceiling = onDemand.kind === 'found' ? unitUsd(onDemand.price) : undefined;
  const usable = zones.filter((zone) => !isBound(unitUsd(zone), ceiling));
  const [lowest] = usable;
  const highest = usable.at(-1);
  if (lowest === undefined || highest === undefined) return undefined;
  const bound = zones.filter((zone) => !usable.includes(zone));
  return {
    median: medianOf(usable.map(unitUsd)),
    lowest,
    highest,
    usableZones: usable.length,
    boundZones: bound.map(({ zone }) => zone ?? ''),
  };
}

// Sources round to four places, so a price at the bound may differ from it by half of the last one.
const ROUNDING = 0.000_05;

function isBound(spot: Usd, onDemand: Usd | undefined): boolean {
  if (onDemand === undefined) return false;
  return [onDemand, onDemand.div(10)].some((bound) => spot.minus(bound).abs().lte(ROUNDING));
}

/** Of ascending values. */
function medianOf(values: readonly Usd[]): Usd {
  const middle = (values.length - 1) / 2;
  const low = values[Math.floor(middle)] ?? new Usd(0);
  return low.plus(values[Math.ceil(middle)] ?? low).div(2);
}
