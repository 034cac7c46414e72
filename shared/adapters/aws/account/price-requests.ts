// The one file that imports the clients of prices; import it late, at the first call.

import { EC2Client, paginateDescribeSpotPriceHistory, type SpotPrice } from '@aws-sdk/client-ec2';
import { PricingClient, paginateGetProducts } from '@aws-sdk/client-pricing';
import type { ProductQuery, SpotQuote } from '#core/ports/price-source.ts';
import type { PriceConnectionOptions } from './price-connection.ts';

/** The Price List API is in few regions; this one answers for all. */
const PRICE_LIST_REGION = 'us-east-1';
const PAGE = 100;

/** Every product that passes the filters, over all pages. */
export async function getProducts(
  query: ProductQuery,
  connection: PriceConnectionOptions,
): Promise<readonly string[]> {
  const client = new PricingClient({ region: PRICE_LIST_REGION, ...connection });
  const filters = Object.entries(query.filters).map(([Field, Value]) => ({
    Type: 'TERM_MATCH' as const,
    Field,
    Value,
  }));
  const input = { ServiceCode: query.serviceCode, Filters: filters, FormatVersion: 'aws_v1' };
  try {
    const pages = await Array.fromAsync(paginateGetProducts({ client, pageSize: PAGE }, input));
    return pages.flatMap((page) => (page.PriceList ?? []).map(String));
  } finally {
    client.destroy();
  }
}

/** The spot prices of now, over all pages. A type that the region lacks has none. */
export async function describeSpotPrices(
  query: { readonly region: string; readonly instanceTypes: readonly string[]; readonly now: Date },
  connection: PriceConnectionOptions,
): Promise<readonly SpotQuote[]> {
  const client = new EC2Client({ region: query.region, ...connection });
  const input = {
    // Filters, not InstanceTypes: an unknown type among those fails the whole call.
    Filters: [{ Name: 'instance-type', Values: [...query.instanceTypes] }],
    ProductDescriptions: ['Linux/UNIX'],
    StartTime: query.now,
  };
  try {
    const pages = await Array.fromAsync(paginateDescribeSpotPriceHistory({ client }, input));
    return pages.flatMap((page) => page.SpotPriceHistory ?? []).flatMap(quoteOf);
  } finally {
    client.destroy();
  }
}

function quoteOf(price: SpotPrice): SpotQuote[] {
  const { InstanceType: instanceType, SpotPrice: usd, Timestamp: since } = price;
  const zone = price.AvailabilityZoneId ?? price.AvailabilityZone;
  if (!instanceType || !zone || !usd || !since) return [];
  return [{ instanceType, zone, usd, since: since.toISOString() }];
}
