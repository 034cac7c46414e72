import * as z from 'zod';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits');

/** Letters, digits, `.`, `_`, `-`, not starting with `.`: never a path. */
export const modelNameSchema = z
  .string()
  .max(64)
  .regex(/^[a-zA-Z0-9_-][a-zA-Z0-9._-]*$/, 'letters, digits, "-", "_" and "." only');

/** A path inside the bundle, such as `onnx/model.onnx`. */
const bundlePathSchema = z.string().regex(/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/);

export const taskSchema = z.enum(['text-classification', 'feature-extraction']);

/** One ONNX file of a model, and the kind of processor it is for. */
const modelVariantSchema = z.strictObject({
  name: z.enum(['cpu-int8', 'cpu-fp32', 'gpu-fp16', 'gpu-fp32']),
  file: bundlePathSchema,
  sha256: sha256Schema,
  /** False for dynamic int8: its answers change with the neighbours in a batch. */
  independentOfNeighbours: z.boolean(),
  /** How often the label agrees with the reference variant, 0–1, and what was compared. */
  agreement: z
    .strictObject({ with: z.string(), labels: z.number().min(0).max(1), measuredOn: z.string() })
    .optional(),
});
export type ModelVariant = z.infer<typeof modelVariantSchema>;

/** `switchyard.json`: what a bundle says about itself beyond the Hugging Face files. */
export const modelManifestSchema = z.strictObject({
  schema: z.literal(1),
  name: modelNameSchema,
  version: z.string().regex(/^[\w.-]{1,64}$/),
  task: taskSchema,
  /** Label of each output column, in order; empty for feature-extraction. */
  labels: z.array(z.string().min(1)).default([]),
  /** `softmax` for one label of many, `sigmoid` for labels that stand alone. */
  functionToApply: z.enum(['softmax', 'sigmoid']).default('softmax'),
  /** Most tokens of one item, [CLS] and [SEP] included; longer ones are cut and say so. */
  tokenLimit: z.int().min(3).max(8192),
  /** The other files that decide an answer (tokenizer.json, config.json …) and their SHA-256. */
  files: z.record(bundlePathSchema, sha256Schema),
  variants: z.array(modelVariantSchema).min(1),
  /** A text whose answer is known; a model is ready when it gave it. */
  warmUp: z.strictObject({
    text: z.string().min(1),
    /** Expected label (classification), or the first numbers of the vector (feature-extraction). */
    label: z.string().optional(),
    vectorStart: z.array(z.number()).optional(),
    score: z.number().optional(),
    tolerance: z.number().positive(),
  }),
  evaluation: z
    .array(
      z.strictObject({
        dataset: z.string(),
        variant: z.string(),
        right: z.int().nonnegative(),
        rows: z.int().positive(),
      }),
    )
    .default([]),
  licence: z.string(),
  origin: z.string(),
});
export type ModelManifest = z.infer<typeof modelManifestSchema>;
