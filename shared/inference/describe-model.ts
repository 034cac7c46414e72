import { laneSchema } from '#core/contract/lane.ts';
import type { ModelDescription } from '#core/contract/model-view.ts';
import type { ModelBundle } from './model-bundle.ts';
import { chooseForLane, type GpuProvider } from './provider-choice.ts';

/** The public description of a bundle. `serving` is null until this process can answer with it. */
export function describeModel(
  { manifest }: ModelBundle,
  gpuProvider: GpuProvider | undefined,
  serving: ModelDescription['serving'],
): ModelDescription {
  return {
    name: manifest.name,
    version: manifest.version,
    task: manifest.task,
    labels: manifest.labels,
    token_limit: manifest.tokenLimit,
    variants: manifest.variants.map(({ name, sha256, independentOfNeighbours }) => ({
      name,
      sha256,
      independent_of_neighbours: independentOfNeighbours,
    })),
    lanes: laneSchema.options.map((lane) => {
      const choice = chooseForLane(manifest, lane, gpuProvider);
      if (choice.available) return { lane, available: true };
      return { lane, available: false, reason: choice.reason };
    }),
    serving,
    warnings: manifest.variants
      .filter(({ independentOfNeighbours }) => !independentOfNeighbours)
      .map(
        ({ name }) =>
          `The answers of ${name} would change with the other items of a batch, so its items are ` +
          'run one by one, which is slower. A static or per-token int8 file has no such limit.',
      ),
  };
}
