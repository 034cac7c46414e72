import * as z from 'zod';

/** Where inference runs. On one machine the last three are worker processes. */
export const laneSchema = z.enum(['cpu', 'cpu-fleet', 'gpu-spot', 'gpu-on-demand']);
export type Lane = z.infer<typeof laneSchema>;
