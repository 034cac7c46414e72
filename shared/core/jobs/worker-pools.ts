import * as z from 'zod';
import { type Lane, laneSchema } from '../contract/lane.ts';

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

/** The lane of a worker of a submission: they are numbered through its pools. */
export function laneOfWorker(
  pools: readonly { readonly lane: Lane; readonly workers: number }[],
  arrayIndex: number,
): Lane | undefined {
  let end = 0;
  const pool = pools.find(({ workers }) => {
    end += workers;
    return arrayIndex < end;
  });
  return pool?.lane;
}
