import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Lane, laneSchema } from '#core/contract/lane.ts';
import type { ModelVariant } from '#core/models/model-manifest.ts';
import type { Provider } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import {
  type ModelBundle,
  openModelBundle,
  readModelBundle,
  verifyWeights,
} from './model-bundle.ts';
import { chooseForLane, type GpuProvider } from './provider-choice.ts';

/** The models of a deployment, all files verified. */
export interface ModelCatalogue {
  /** Provider of the GPU lanes, or undefined where there are none. */
  readonly gpuProvider: GpuProvider | undefined;
  /** Every bundle, by name. */
  models(): readonly ModelBundle[];
  /** Throws `model_not_found`. */
  bundle(model: string): ModelBundle;
  /** What a job on that lane is pinned to. Throws `model_not_found` or `lane_unavailable`. */
  describe(model: string, lane: string): PinnedModel;
}

export interface PinnedModel {
  readonly version: string;
  readonly variant: string;
  readonly sha256: string;
  readonly provider: Provider;
}

interface ModelCatalogueOptions {
  readonly folders: readonly string[];
  /**
   * Provider of the GPU lanes.
   *
   * @default - no GPU lanes
   */
  readonly gpuProvider?: GpuProvider;
  /**
   * Lanes whose model files lie in the folders and are verified here. The files of other lanes are
   * vouched for by the manifest and opened elsewhere.
   *
   * @default - the CPU lanes; with a GPU provider every lane whose file is there
   */
  readonly lanes?: readonly Lane[];
}

const cpuLanes: readonly Lane[] = ['cpu', 'cpu-fleet'];

/**
 * Opens every bundle that lies directly in one of the folders. Throws `model_invalid` for the first
 * one that is damaged, so that no deployment starts with half of its models.
 */
export async function openModelCatalogue(options: ModelCatalogueOptions): Promise<ModelCatalogue> {
  const { gpuProvider } = options;
  const bundles = new Map<string, ModelBundle>();
  for (const folder of options.folders) {
    for (const bundleFolder of await bundleFolders(folder)) {
      const bundle = await openForLanes(bundleFolder, options);
      const { name } = bundle.manifest;
      if (bundles.has(name)) {
        throw new SwitchyardError(
          'model_invalid',
          `Two bundles are named ${name}; rename or remove one of them.`,
        );
      }
      bundles.set(name, bundle);
    }
  }
  const bundleOf = (model: string): ModelBundle => {
    const bundle = bundles.get(model);
    if (bundle !== undefined) return bundle;
    throw new SwitchyardError(
      'model_not_found',
      `There is no model of that name; there are ${[...bundles.keys()].sort().join(', ')}.`,
    );
  };
  return {
    gpuProvider,
    models: () => [...bundles.values()].sort(byName),
    bundle: bundleOf,
    describe: (model, lane) => pinnedModel(bundleOf(model), lane, gpuProvider),
  };
}

async function openForLanes(
  folder: string,
  { gpuProvider, lanes }: ModelCatalogueOptions,
): Promise<ModelBundle> {
  if (lanes !== undefined || gpuProvider === undefined) {
    return await openModelBundle(folder, lanes ?? cpuLanes);
  }
  const bundle = await withoutAbsentGpuFiles(await readModelBundle(folder));
  await verifyWeights(bundle, laneSchema.options);
  return bundle;
}

/** Small packages come without GPU files: then the bundle has no GPU variant here. */
async function withoutAbsentGpuFiles({ folder, manifest }: ModelBundle): Promise<ModelBundle> {
  const variants: ModelVariant[] = [];
  for (const variant of manifest.variants) {
    const isHere = variant.name.startsWith('cpu-') || (await exists(join(folder, variant.file)));
    if (isHere) variants.push(variant);
  }
  return { folder, manifest: { ...manifest, variants } };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Throws `lane_unavailable` with the reason. */
export function pinnedModel(
  { manifest }: Pick<ModelBundle, 'manifest'>,
  laneName: string,
  gpuProvider: GpuProvider | undefined,
): PinnedModel {
  const lane = laneSchema.safeParse(laneName).data;
  const choice =
    lane === undefined
      ? { available: false as const, reason: `lanes are ${laneSchema.options.join(', ')}` }
      : chooseForLane(manifest, lane, gpuProvider);
  if (!choice.available) {
    throw new SwitchyardError(
      'lane_unavailable',
      `Model ${manifest.name} cannot run on that lane: ${choice.reason}. Leave the lane out, or ` +
        'see GET /models for the lanes it has.',
    );
  }
  const { variant, provider } = choice;
  return { version: manifest.version, variant: variant.name, sha256: variant.sha256, provider };
}

/** The folders that may hold a bundle each. Throws `model_invalid` where there is no such folder. */
export async function bundleFolders(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
    return names.map(({ name }) => join(folder, name)).sort();
  } catch (cause) {
    const detail = `the model folder ${folder} cannot be read; SWITCHYARD_MODELS names such folders`;
    throw new SwitchyardError('model_invalid', detail, { cause });
  }
}

function byName(a: ModelBundle, b: ModelBundle): number {
  return a.manifest.name < b.manifest.name ? -1 : 1;
}
