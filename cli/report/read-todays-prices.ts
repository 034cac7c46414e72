import { createPriceListSource } from '#adapters/aws/account/price-list-source.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { type RefreshedPrices, refreshPrices } from '#core/cost/refresh/refresh-prices.ts';

/** Asks AWS for a region's prices; `AWS_ENDPOINT_URL` leads elsewhere. */
export async function readTodaysPrices(request: {
  readonly region: string;
  readonly today: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}): Promise<RefreshedPrices> {
  const endpoint = request.variables['AWS_ENDPOINT_URL'];
  const source = createPriceListSource({
    clock: systemClock,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return await refreshPrices(source, request);
}
