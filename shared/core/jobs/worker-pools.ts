import * as z from 'zod';
import { laneSchema } from '../contract/lane.ts';

/** Workers by the lane in which they run; a lane stands there once at most. */
export const workerPoolsSchema = z
  .array(z.strictObject({ lane: laneSchema, workers: z.int().positive() }))
  .min(1);
export type WorkerPools = z.infer<typeof workerPoolsSchema>;

export function workersIn(pools: readonly { readonly workers: number }[]): number {
  return pools.reduce((sum, { workers }) => sum + workers, 0);
}

export function usesSpot(pools: readonly { readonly lane: string }[]): boolean {
  return pools.some(({ lane }) => lane === 'gpu-spot');
}

/** Indexes of the workers of a submission that run on spot: they are numbered through its pools. */
export function isOnSpot(pools: WorkerPools, arrayIndex: number): boolean {
  let end = 0;
  const pool = pools.find(({ workers }) => {
    end += workers;
    return arrayIndex < end;
  });
  return pool?.lane === 'gpu-spot';
}
