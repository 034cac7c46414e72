import {
  createPriceCatalogue,
  type PriceCatalogue,
  type PriceCatalogueOptions,
} from './price-catalogue.ts';
import compute from './prices/compute.json' with { type: 'json' };
import instances from './prices/instances.json' with { type: 'json' };
import services from './prices/services.json' with { type: 'json' };

/**
 * The prices that ship with the program, and any refreshed ones over them. What is refreshed is laid
 * beside, never written into, the shipped files.
 */
export function openShippedPrices(
  options: PriceCatalogueOptions,
  refreshed: readonly unknown[] = [],
): PriceCatalogue {
  return createPriceCatalogue([compute, services, instances, ...refreshed], options);
}
