import type { Lane } from '#core/contract/lane.ts';
import type { ModelManifest, ModelVariant } from './model-manifest.ts';

/**
 * Smallest file first: int8 is made for CPUs, fp16 for GPUs; on a GPU int8 would run mostly on the
 * CPU behind it, so a GPU never gets a `cpu-*` file.
 */
const preference: Record<'cpu' | 'gpu', readonly ModelVariant['name'][]> = {
  cpu: ['cpu-int8', 'cpu-fp32'],
  gpu: ['gpu-fp16', 'gpu-fp32'],
};

export function processorOf(lane: Lane): 'cpu' | 'gpu' {
  return lane === 'gpu-spot' || lane === 'gpu-on-demand' ? 'gpu' : 'cpu';
}

/** Names of the variants that the lane could use, best first. */
export function variantNamesFor(lane: Lane): readonly ModelVariant['name'][] {
  return preference[processorOf(lane)];
}

/** The variant that the lane uses, or undefined where the bundle has none for it. */
export function variantForLane(manifest: ModelManifest, lane: Lane): ModelVariant | undefined {
  return variantNamesFor(lane)
    .map((name) => manifest.variants.find((each) => each.name === name))
    .find((each) => each !== undefined);
}

/**
 * The files of a bundle, `switchyard.json` included, that a machine serving these lanes needs, sorted
 * by name. A package for the CPU lanes thus leaves the GPU file out; one for no lane at all holds the
 * small files only.
 */
export function filesForLanes(manifest: ModelManifest, lanes: readonly Lane[]): readonly string[] {
  const weights = lanes.flatMap((lane) => variantForLane(manifest, lane)?.file ?? []);
  const small = ['switchyard.json', ...Object.keys(manifest.files)];
  return [...new Set([...small, ...weights])].sort();
}
