import type { Report } from '#core/cost/report/build-report.ts';

/** What is missing, and how to get it. */
export function unknownPricesNote({ unknownPrices, region }: Report): string {
  const names = unknownPrices.map(({ item }) => item).join(', ');
  return `${unknownPrices.length} prices of ${region} are not known and count as nothing, so sums marked ≥ are lower bounds: ${names}. Read them from AWS with: switchyard prices refresh --region ${region}`;
}
