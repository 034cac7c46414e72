import { mapLimited } from '../../map-limited.ts';
import type { PriceSource, SpotQuote } from '../../ports/price-source.ts';
import { gpuInstances } from '../gpu-instances.ts';
import { type ProductReading, readProduct } from './read-product.ts';
import { type WantedPrice, wantedPrices } from './wanted-prices.ts';

/** A price file as it is written; `price-file.ts` checks it when it is read. */
export interface RefreshedPrices {
  readonly file: object;
  readonly found: number;
  /** Prices that were wanted and are not in the file, with the reason. */
  readonly problems: readonly string[];
  /** The same of small ones, which keep their shipped price, or none. */
  readonly minorProblems: readonly string[];
  /** Instance types that the region does not offer. */
  readonly notOffered: readonly string[];
}

const QUERIES_IN_FLIGHT = 4;
const LIST_SOURCE = 'price-list';
const SPOT_SOURCE = 'spot-history';

/** Reads a region's prices of today and makes a price file of them; nothing is guessed or kept. */
export async function refreshPrices(
  source: PriceSource,
  place: { readonly region: string; readonly today: string },
): Promise<RefreshedPrices> {
  const { region, today } = place;
  const readings = await mapLimited(wantedPrices, { limit: QUERIES_IN_FLIGHT }, async (wanted) => {
    const { serviceCode, filters } = wanted;
    const query = { serviceCode, filters: { regionCode: region, ...filters } };
    return { wanted, reading: readProduct(wanted, await source.products(query)) };
  });
  const instanceTypes = gpuInstances.map(({ instanceType }) => instanceType);
  const quotes = await source.spotPrices({ region, instanceTypes });
  const listed = readings.flatMap(({ wanted, reading }) =>
    reading.kind === 'price' ? [listGroup(wanted, { ...place, tiers: reading.price.tiers })] : [],
  );
  const spot = spotGroups(quotes, place);
  return {
    file: {
      schema: 1,
      sources: {
        [LIST_SOURCE]: { title: `AWS Price List API, read on ${today}`, date: today },
        [SPOT_SOURCE]: { title: `EC2 DescribeSpotPriceHistory, read on ${today}`, date: today },
      },
      prices: [...listed, ...spot],
    },
    found: listed.length + spot.length,
    problems: problemsOf(readings, { minor: false }),
    minorProblems: problemsOf(readings, { minor: true }),
    notOffered: readings.flatMap(({ wanted, reading }) =>
      reading.kind === 'none' ? [nameOf(wanted)] : [],
    ),
  };
}

interface Reading {
  readonly wanted: WantedPrice;
  readonly reading: ProductReading;
}

function problemsOf(
  readings: readonly Reading[],
  of: { readonly minor: boolean },
): readonly string[] {
  return readings.flatMap(({ wanted, reading }) =>
    reading.kind === 'problem' && wanted.isMinor === of.minor
      ? [`${nameOf(wanted)}: ${reading.reason}`]
      : [],
  );
}

function nameOf({ service, dimension }: WantedPrice): string {
  return `${service} ${dimension}`;
}

function listGroup(
  { service, dimension, unit }: WantedPrice,
  found: {
    readonly region: string;
    readonly today: string;
    readonly tiers: readonly { readonly from: number; readonly usd: string }[];
  },
) {
  return {
    service,
    dimension,
    unit,
    source: LIST_SOURCE,
    asOf: found.today,
    confidence: 'single',
    usd: { [found.region]: [...found.tiers] },
  };
}

/** Of several prices of one zone the one that began last is today's. */
function spotGroups(
  quotes: readonly SpotQuote[],
  place: { readonly region: string; readonly today: string },
) {
  const ofType = Map.groupBy(quotes, ({ instanceType }) => instanceType);
  return [...ofType].map(([instanceType, all]) => {
    const inOrder = all.toSorted((left, right) => left.since.localeCompare(right.since));
    const usd = Object.fromEntries(
      inOrder.map(({ zone, usd: price }) => [`${place.region}/${zone}`, price]),
    );
    return {
      service: 'ec2-spot',
      dimension: instanceType,
      unit: 'hour',
      source: SPOT_SOURCE,
      asOf: place.today,
      confidence: 'single',
      usd,
    };
  });
}
