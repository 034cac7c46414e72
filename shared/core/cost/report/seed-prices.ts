import type { PriceCatalogue } from '../price-catalogue.ts';
import { openPriceBook, type PriceBook } from './price-book.ts';

const rounded = {
  source: "rounded in the first analysis of the design documents' scenario, from a spot snapshot",
  asOf: '2025-12-01',
};

/** The spot prices of the first analysis, rounded as it had them; everything else is the catalogue's. */
export function openSeedPrices(catalogue: PriceCatalogue): PriceBook {
  const spot = (usdPerUnit: number) => ({ usdPerUnit, ...rounded });
  return openPriceBook(catalogue, {
    region: 'us-east-1',
    overrides: {
      'ec2-spot p3.2xlarge': spot(0.5),
      'ec2-spot g4dn.xlarge': spot(0.213),
      'ec2-spot g5.xlarge': spot(0.482),
      'ec2-spot g6.xlarge': spot(0.414),
    },
  });
}
