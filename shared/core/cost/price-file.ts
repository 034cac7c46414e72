import * as z from 'zod';
import { SwitchyardError } from '../switchyard-error.ts';

const daySchema = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day is YYYY-MM-DD');
const usdSchema = z.string().regex(/^\d{1,9}(\.\d{1,18})?$/, 'dollars are a decimal string');

/** `us-east-1`, `us-east-1/use1-az4` (spot prices differ by zone), or `*`: the same everywhere. */
const placeSchema = z.string().regex(/^(\*|[a-z]{2}(-[a-z]+)+-\d(\/[a-z0-9-]+)?)$/);

const tierSchema = z.strictObject({ from: z.number().nonnegative(), usd: usdSchema });
const tiersSchema = z.array(tierSchema).min(1).refine(isAscending, 'tiers start at 0 and ascend');

const confidenceSchema = z.enum(['agreed', 'single', 'assumed']);

/** One price of a service in one unit, in every place where this source names it. */
const priceGroupSchema = z.strictObject({
  service: z.string().min(1),
  dimension: z.string().min(1),
  unit: z.string().min(1),
  /** The dollars buy so many units: list prices are per 1,000 or per million requests. */
  per: z.int().positive().default(1),
  source: z.string(),
  /** Day on which the source said so, or the earliest possible one where it gives none. */
  asOf: daySchema,
  /** `agreed`: two sources or more; `single`: one; `assumed`: derived, `note` says how. */
  confidence: confidenceSchema,
  note: z.string().optional(),
  usd: z.record(placeSchema, z.union([usdSchema, tiersSchema])),
});

/** A price that is wanted and that no source gives: look-ups say why instead of guessing. */
const unknownPriceSchema = z.strictObject({
  service: z.string(),
  dimension: z.string(),
  regions: z.array(z.string()).min(1),
  reason: z.string().min(1),
});
type UnknownPrice = z.infer<typeof unknownPriceSchema>;

const priceFileSchema = z
  .strictObject({
    schema: z.literal(1),
    sources: z.record(z.string(), z.strictObject({ title: z.string(), date: daySchema })),
    prices: z.array(priceGroupSchema),
    unknown: z.array(unknownPriceSchema).default([]),
  })
  .refine(
    ({ sources, prices }) => prices.every(({ source }) => Object.hasOwn(sources, source)),
    'every price names a source of the file',
  );

/** One price in one place, with where it comes from. */
export interface PriceRow {
  readonly service: string;
  readonly dimension: string;
  readonly region: string;
  /** Zone id; only spot prices have one. */
  readonly zone: string | undefined;
  readonly unit: string;
  readonly per: number;
  /** Ascending; the first starts at 0. Dollars per `per` units. */
  readonly tiers: readonly { readonly from: number; readonly usd: string }[];
  readonly source: string;
  readonly asOf: string;
  readonly confidence: z.infer<typeof confidenceSchema>;
  readonly note: string | undefined;
}

/** Checks a price file and lays its rows out. Throws `invalid_setting` naming the place in the file. */
export function readPriceFile(value: unknown): {
  readonly rows: readonly PriceRow[];
  readonly unknown: readonly UnknownPrice[];
} {
  const parsed = priceFileSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const place = issue?.path.join('.') ?? '';
    throw new SwitchyardError('invalid_setting', `price file: ${place}: ${issue?.message}`);
  }
  const { prices, sources, unknown } = parsed.data;
  const rows = prices.flatMap(({ usd, source, note, ...group }) =>
    Object.entries(usd).map(([place, price]) => {
      const [region = '', zone] = place.split('/');
      const tiers = typeof price === 'string' ? [{ from: 0, usd: price }] : price;
      return { ...group, region, zone, tiers, note, source: sources[source]?.title ?? source };
    }),
  );
  return { rows, unknown };
}

function isAscending(tiers: readonly { readonly from: number }[]): boolean {
  return tiers.every(({ from }, at) => (at === 0 ? from === 0 : from > (tiers[at - 1]?.from ?? 0)));
}
