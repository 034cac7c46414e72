import * as z from 'zod';

/**
 * What a key may do: `predict` asks models for answers, `jobs` starts, reads and stops jobs of its
 * tenant, `admin` may call every route. Every key may ask for models, limits and health.
 */
export const scopeSchema = z.enum(['predict', 'jobs', 'admin']);
export type Scope = z.infer<typeof scopeSchema>;
