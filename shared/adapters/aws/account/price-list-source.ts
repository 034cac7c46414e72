import type { Clock } from '#core/ports/clock.ts';
import type { PriceSource } from '#core/ports/price-source.ts';
import type { PriceConnectionOptions } from './price-connection.ts';

/**
 * Prices from the AWS Price List API and from EC2's spot history. Needs pricing:GetProducts and
 * ec2:DescribeSpotPriceHistory, which cost nothing. Loads the SDK at the first call.
 */
export function createPriceListSource(
  options: PriceConnectionOptions & { readonly clock: Pick<Clock, 'epochMillis'> },
): PriceSource {
  const { clock, ...connection } = options;
  const requests = () => import('./price-requests.ts');
  return {
    products: async (query) => (await requests()).getProducts(query, connection),
    spotPrices: async (query) => {
      const now = new Date(clock.epochMillis());
      return (await requests()).describeSpotPrices({ ...query, now }, connection);
    },
  };
}
