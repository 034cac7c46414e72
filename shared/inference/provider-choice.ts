import type { Lane } from '#core/contract/lane.ts';
import { processorOf, variantForLane, variantNamesFor } from '#core/models/lane-files.ts';
import type { ModelManifest, ModelVariant } from '#core/models/model-manifest.ts';
import type { Provider } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

export type GpuProvider = Exclude<Provider, 'cpu'>;

/** Where a lane would run a model, or why it cannot. */
export type LaneChoice =
  | { readonly available: true; readonly provider: Provider; readonly variant: ModelVariant }
  | { readonly available: false; readonly reason: string };

/** Provider and file for a lane. `gpuProvider` is undefined where the deployment has no GPU lane. */
export function chooseForLane(
  manifest: ModelManifest,
  lane: Lane,
  gpuProvider: GpuProvider | undefined,
): LaneChoice {
  const onGpu = processorOf(lane) === 'gpu';
  const variant = variantForLane(manifest, lane);
  if (variant === undefined) {
    const [kind, names] = [onGpu ? 'GPU' : 'CPU', variantNamesFor(lane).join(' or ')];
    return { available: false, reason: `the bundle has no ${kind} file (${names})` };
  }
  if (!onGpu) return { available: true, provider: 'cpu', variant };
  if (gpuProvider === undefined) {
    return { available: false, reason: 'no GPU provider (webgpu or cuda) is set up here' };
  }
  return { available: true, provider: gpuProvider, variant };
}

/** The named file of a bundle. Throws `model_invalid` if it is not there and
 * `provider_unavailable` if it is not for the provider. */
export function variantFor(
  manifest: ModelManifest,
  wanted: { readonly variant: string; readonly provider: Provider },
): ModelVariant {
  const variant = manifest.variants.find(({ name }) => name === wanted.variant);
  const has = manifest.variants.map(({ name }) => name).join(', ');
  if (variant === undefined) {
    throw new SwitchyardError(
      'model_invalid',
      `Model ${manifest.name} has no variant ${wanted.variant}; it has ${has}.`,
    );
  }
  const kind = wanted.provider === 'cpu' ? 'cpu-' : 'gpu-';
  if (variant.name.startsWith(kind)) return variant;
  // The worker's provider is wrong, not the model: the job must not fail for it.
  throw new SwitchyardError(
    'provider_unavailable',
    `Variant ${variant.name} of model ${manifest.name} is not for provider ${wanted.provider}, ` +
      `which needs a ${kind}* variant; the bundle has ${has}.`,
  );
}
