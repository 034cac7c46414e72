import * as z from 'zod';

/** Execution providers of ONNX Runtime that a worker may be told to use. */
export const providerSchema = z.enum(['cpu', 'webgpu', 'cuda']);
export type Provider = z.infer<typeof providerSchema>;
