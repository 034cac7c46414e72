import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';

const reasonsSchema = z.array(z.string()).describe('Empty where all is well.');

/** Body of `GET /health`. */
export const healthViewSchema = z.object({ healthy: z.boolean(), reasons: reasonsSchema });
export type HealthView = DeepReadonly<z.infer<typeof healthViewSchema>>;

/** Body of `GET /ready`. */
export const readyViewSchema = z.object({ ready: z.boolean(), reasons: reasonsSchema });
export type ReadyView = DeepReadonly<z.infer<typeof readyViewSchema>>;
