import type { Lane } from '#core/contract/lane.ts';
import { processorOf } from '#core/models/lane-files.ts';
import type { ModelCatalogue } from '#inference/model-catalogue.ts';

/**
 * The catalogue of a machine that rehearses GPU lanes: a job there is pinned to what the CPU lanes run,
 * and its record says so by variant and provider.
 */
export function rehearseGpuLanes(
  catalogue: Pick<ModelCatalogue, 'describe'>,
): Pick<ModelCatalogue, 'describe'> {
  const isGpu = (lane: string): boolean => processorOf(lane as Lane) === 'gpu';
  return {
    describe: (model, lane) => catalogue.describe(model, isGpu(lane) ? 'cpu-fleet' : lane),
  };
}
