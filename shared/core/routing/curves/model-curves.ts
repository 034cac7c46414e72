import * as z from 'zod';
import { modelNameSchema } from '../../models/model-manifest.ts';

const seconds = z.number().nonnegative();

/** What one variant took on one machine: a call of `t` tokens takes perCall + perToken · t. */
const measuredCurveSchema = z.strictObject({
  variant: z.string().min(1),
  provider: z.enum(['cpu', 'cuda', 'webgpu']),
  device: z.string(),
  machine: z.strictObject({ cpu: z.string(), cores: z.int().positive(), node: z.string() }),
  /** Day of the measurement, YYYY-MM-DD, and the command that made it. */
  date: z.iso.date(),
  command: z.string(),
  /** From nothing to a session that has answered once: the seconds of a cold start that are ours. */
  startSeconds: seconds,
  perCallSeconds: seconds,
  perTokenSeconds: z.number().positive(),
  /** A token of a job: texts of mixed length, sorted and batched as jobs do it. */
  bulkPerTokenSeconds: z.number().positive(),
  /** Largest error of the line at the measured points, as a share of the measured time. */
  worstError: z.number().nonnegative(),
});
export type MeasuredCurve = z.infer<typeof measuredCurveSchema>;

/** Tokens of a text from its bytes in UTF-8, before anything is tokenized. */
const tokenEstimateSchema = z.strictObject({
  perItem: z.number().nonnegative(),
  perByte: z.number().positive(),
  /** How far off the sum over a file was, and a single text at the 90th percentile; shares. */
  fileError: z.number().nonnegative(),
  itemErrorP90: z.number().nonnegative(),
  measuredOn: z.string(),
});
export type TokenEstimate = z.infer<typeof tokenEstimateSchema>;

/** `curves.json` of a model bundle; `npm run bench -- curves` writes it. */
export const modelCurvesSchema = z.strictObject({
  schema: z.literal(1),
  model: modelNameSchema,
  modelVersion: z.string(),
  tokens: tokenEstimateSchema,
  curves: z.array(measuredCurveSchema).min(1),
});
export type ModelCurves = z.infer<typeof modelCurvesSchema>;

/** For a bundle without curves.json: ordinary English, and a small model on one core of 2023. */
export const assumedTokenEstimate: TokenEstimate = {
  perItem: 2,
  perByte: 0.23,
  fileError: 0.3,
  itemErrorP90: 0.5,
  measuredOn: 'assumed',
};

/** Never less than one token per item, never more than the model's limit allows. */
export function estimateTokens(
  texts: { readonly items: number; readonly bytes: number },
  estimate: TokenEstimate,
  tokenLimit: number,
): number {
  const { items, bytes } = texts;
  const tokens = items * estimate.perItem + bytes * estimate.perByte;
  return Math.min(Math.max(tokens, items), items * tokenLimit);
}
