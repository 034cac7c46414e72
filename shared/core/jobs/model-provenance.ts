import * as z from 'zod';

/** What results were made with: the model's own words go from its process into every part. */
export const modelProvenanceSchema = z.strictObject({
  model: z.string(),
  modelVersion: z.string(),
  modelSha256: z.string(),
  variant: z.string(),
  provider: z.string(),
  device: z.string(),
  /** Name and version of the runtime, such as `onnxruntime-node 1.30.0`. */
  runtime: z.string(),
});
export type ModelProvenance = Readonly<z.infer<typeof modelProvenanceSchema>>;
