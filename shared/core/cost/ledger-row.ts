import * as z from 'zod';
import { laneSchema } from '../contract/lane.ts';
import { predictionDigestSchema } from '../predictions/prediction-digest.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { sumUsd } from './usd.ts';

/**
 * What a dollar bought. `useful`: an answer or a committed cell. `warm`: pings and provisioned
 * environments. `idle`: paid for while no model ran (boot, load, planning, merging, waiting).
 * `lost`: work that was repeated or came to no answer.
 */
export const ledgerKinds = ['useful', 'warm', 'idle', 'lost'] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

const usdSchema = z.string().regex(/^\d+(\.\d{1,18})?$/);

const chargeLineSchema = z.strictObject({
  /** Service and dimension as in the price catalogue, such as `lambda duration-x86_64`. */
  item: z.string().min(1),
  kind: z.enum(ledgerKinds),
  quantity: z.number().nonnegative(),
  unit: z.string().min(1),
  usd: usdSchema,
  /** True where no price is known: `usd` is 0, and every sum with it is too low. */
  unpriced: z.literal(true).optional(),
});
/** One thing that was used, and what it costs. */
export type ChargeLine = z.infer<typeof chargeLineSchema>;

/**
 * One request, its escalation, one try of one worker, or one run of the warmer, priced: the exact sum of its lines. Rows
 * that come through a log have names of the log's own beside these.
 */
const ledgerRowSchema = z
  .object({
    schema: z.literal(1),
    /** Request id, or job id and attempt: two rows of one thing have the same. */
    id: z.string().min(1).max(300),
    /** When it ended, ISO 8601 in UTC. */
    at: z.iso.datetime(),
    source: z.enum(['request', 'attempt', 'warm-up', 'escalation']),
    tenant: z.string(),
    model: z.string().nullable(),
    lane: laneSchema,
    job: z.string().nullable(),
    region: z.string(),
    items: z.int().nonnegative(),
    tokens: z.int().nonnegative(),
    /** `metered`: from what the platform billed. `estimate`: what AWS would have charged for it. */
    basis: z.enum(['metered', 'estimate']),
    lines: z.array(chargeLineSchema),
    usd: usdSchema,
    /** Of requests: what was answered; absent where nothing is kept of answers. */
    digest: predictionDigestSchema.optional(),
  })
  .refine(({ lines, usd }) => sumUsd(lines.map((line) => line.usd)).eq(usd), {
    path: ['usd'],
    error: 'the price of a row is the sum of its lines',
  });
export type LedgerRow = z.infer<typeof ledgerRowSchema>;

/** A row with its price: the exact sum of its lines. */
export function ledgerRow(row: Omit<LedgerRow, 'schema' | 'usd'>): LedgerRow {
  return { schema: 1, ...row, usd: sumUsd(row.lines.map((line) => line.usd)).toFixed() };
}

/** Reads one line of a ledger. Throws `corrupt_object` for one that is not a row. */
export function parseLedgerRow(json: string): LedgerRow {
  const row = readLedgerRow(json);
  if (row !== undefined) return row;
  throw new SwitchyardError('corrupt_object', 'a line of the ledger is not a readable row');
}

/** The row of a line; undefined for one that is none, such as a line torn by a kill. */
export function readLedgerRow(json: string): LedgerRow | undefined {
  return ledgerRowSchema.safeParse(parseOrUndefined(json)).data;
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
