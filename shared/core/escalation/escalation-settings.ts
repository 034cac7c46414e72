import * as z from 'zod';
import { modelNameSchema } from '../models/model-manifest.ts';
import { SwitchyardError } from '../switchyard-error.ts';

const usdSchema = z.string().regex(/^\d{1,9}(\.\d{1,18})?$/, 'dollars are a decimal string');

/** What an endpoint charges, told by whoever configures it: no list of such prices ships. */
export const endpointPriceSchema = z.strictObject({
  /** Dollars per million tokens that it reads. */
  inputUsdPerMillion: usdSchema,
  /** Dollars per million tokens that it writes. */
  outputUsdPerMillion: usdSchema,
  /** Where the price was read. */
  source: z.string().min(1).max(300),
  asOf: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day is YYYY-MM-DD'),
});
export type EndpointPrice = z.infer<typeof endpointPriceSchema>;

/** Where the key of an endpoint is; never the key itself. */
const endpointKeySchema = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('none') }),
  /** A variable of the environment, on one machine. */
  z.strictObject({
    from: z.literal('environment'),
    variable: z.string().regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'such as OPENAI_API_KEY'),
  }),
  /** A secret of the account whose text is the key, on AWS. */
  z.strictObject({
    from: z.literal('secrets-manager'),
    secretArn: z.string().regex(/^arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:\S+$/),
  }),
]);
export type EndpointKey = z.infer<typeof endpointKeySchema>;

const endpointSchema = z.strictObject({
  kind: z.literal('endpoint'),
  /** Up to and with `/v1`. Texts are sent there, so only https, or http on this machine. */
  baseUrl: z.url().refine(isSafeUrl, 'https, or http on 127.0.0.1, ::1 and localhost'),
  /** Name of the model there. */
  model: z.string().min(1).max(200),
  key: endpointKeySchema,
  /** What the labels are about, for the endpoint's model. @default nothing more than the labels */
  instructions: z.string().min(1).max(2_000).optional(),
  /** What a label means. @default {} */
  descriptions: z.record(z.string(), z.string().min(1).max(300)).default({}),
  /** Most tokens that it may write; models that think first need more. Tokens. @default 256 */
  maxOutputTokens: z.int().min(16).max(8_192).default(256),
  /** Tries after the first one, within `timeoutMs`. Number. @default 2 */
  retries: z.int().min(0).max(5).default(2),
  /** @default unknown, and every answer says so */
  price: endpointPriceSchema.optional(),
});
export type EndpointTarget = z.infer<typeof endpointSchema>;

/** When one model's answers are asked of another, and of whom. */
const escalationRuleSchema = z.strictObject({
  /** Answers whose best score is below it. 0–1. */
  threshold: z.number().gt(0).max(1),
  to: z.discriminatedUnion('kind', [
    /** A model of this deployment with the same labels. */
    z.strictObject({ kind: z.literal('model'), model: modelNameSchema }),
    /** An OpenAI-compatible service: the texts leave this deployment. */
    endpointSchema,
  ]),
  /** Longest wait for the second answers of a request, retries included. Milliseconds. @default 5000 */
  timeoutMs: z.int().min(10).max(20_000).default(5_000),
  /** Most questions to an endpoint at once, of one process. Number. @default 4 */
  concurrency: z.int().min(1).max(64).default(4),
  /** Most items of a request, the least certain first. Number. @default 8 */
  maxItems: z.int().min(1).max(1_000).default(8),
  /** Most of a request's items, rounded up: a single one may always be asked about. 0–1. @default 1 */
  maxShare: z.number().gt(0).max(1).default(1),
});
export type EscalationRule = z.infer<typeof escalationRuleSchema>;

/** Rules by the name of the model whose answers they are about; none is the default. */
export const escalationSettingsSchema = z.record(modelNameSchema, escalationRuleSchema);
export type EscalationSettings = z.infer<typeof escalationSettingsSchema>;

/** Reads what a file holds. Throws `invalid_setting` naming each place that is wrong. */
export function readEscalationSettings(value: unknown): EscalationSettings {
  const parsed = escalationSettingsSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new SwitchyardError('invalid_setting', `escalation: ${problems.join('; ')}`);
}

function isSafeUrl(value: string): boolean {
  const url = URL.parse(value);
  if (url === null || url.username !== '' || url.password !== '') return false;
  if (url.protocol === 'https:') return true;
  return url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}
