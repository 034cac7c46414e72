import * as z from 'zod';
import { Usd } from '../usd.ts';
import type { WantedPrice } from './wanted-prices.ts';

/** The parts of a product of the price list that are read, as the Price List API sends them. */
const productSchema = z.object({
  product: z.object({
    sku: z.string(),
    attributes: z.looseObject({ usagetype: z.string(), regionCode: z.string().optional() }),
  }),
  terms: z.object({
    OnDemand: z.record(
      z.string(),
      z.object({
        effectiveDate: z.string(),
        priceDimensions: z.record(
          z.string(),
          z.object({
            beginRange: z.string(),
            pricePerUnit: z.object({ USD: z.string().regex(/^\d+(\.\d+)?$/) }),
          }),
        ),
      }),
    ),
  }),
});
type Product = z.infer<typeof productSchema>;

interface ReadPrice {
  readonly tiers: readonly { readonly from: number; readonly usd: string }[];
  /** Day from which the price holds. */
  readonly effective: string;
}

/** The one price among what the list answered, or why there is not exactly one. */
export type ProductReading =
  | { readonly kind: 'price'; readonly price: ReadPrice }
  | { readonly kind: 'none' }
  | { readonly kind: 'problem'; readonly reason: string };

/**
 * Picks the product that is wanted. A filter that matches nothing gives an empty list without an
 * error, and one too wide gives several products: neither is ever taken for a price.
 */
export function readProduct(wanted: WantedPrice, answers: readonly string[]): ProductReading {
  const products = answers.map((answer) => productSchema.safeParse(parseOrUndefined(answer)));
  const isUnknownForm = products.some(
    ({ success }, at) => !success && mayBeWanted(wanted, answers[at] ?? ''),
  );
  if (isUnknownForm) return problem('the answer has a form that is not known');
  const matching = products.flatMap(({ data }) =>
    data !== undefined && isWanted(wanted, data.product.attributes.usagetype) ? [data] : [],
  );
  const [match, ...others] = matching;
  if (match === undefined) {
    const isAbsent = wanted.isOptional && answers.length === 0;
    return isAbsent ? { kind: 'none' } : problem(`no product matches among ${answers.length}`);
  }
  if (others.length === 0) return readTerms(match);
  const skus = matching.map(({ product }) => product.sku).join(', ');
  return problem(`${matching.length} products match (${skus})`);
}

function readTerms({ terms }: Product): ProductReading {
  const [term, ...others] = Object.values(terms.OnDemand);
  if (term === undefined || others.length > 0) return problem('it has not exactly one offer');
  const tiers = Object.values(term.priceDimensions)
    .map(({ beginRange, pricePerUnit }) => ({
      from: Number(beginRange),
      usd: new Usd(pricePerUnit.USD).toFixed(),
    }))
    .sort((left, right) => left.from - right.from);
  if (tiers[0]?.from !== 0) return problem('its first tier does not begin at 0');
  return { kind: 'price', price: { tiers, effective: term.effectiveDate.slice(0, 10) } };
}

/** us-east-1 has no prefix or USE1-, eu-west-1 EU-, Tokyo APN1-. */
function isWanted({ usageType }: WantedPrice, usagetype: string): boolean {
  return usageType === undefined || usagetype.replace(/^[A-Z]{2,4}\d?-/, '') === usageType;
}

function mayBeWanted({ usageType }: WantedPrice, answer: string): boolean {
  return usageType === undefined || answer.includes(usageType);
}

function problem(reason: string): ProductReading {
  return { kind: 'problem', reason };
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
