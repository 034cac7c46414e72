import type { ModelManifest } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readModelManifest } from './model-bundle.ts';
import { bundleFolders, type PinnedModel, pinnedModel } from './model-catalogue.ts';
import type { GpuProvider } from './provider-choice.ts';

/** The models of a deployment as their manifests describe them: enough to pin a job. */
export interface ManifestCatalogue {
  /** What a job on that lane is pinned to. Throws `model_not_found` or `lane_unavailable`. */
  describe(model: string, lane: string): PinnedModel;
}

/**
 * Reads `switchyard.json` of every bundle that lies directly in the folder and nothing else: a function
 * that runs no model carries no weights and no tokenizer. Whoever runs the model verifies both.
 */
export async function openManifestCatalogue(options: {
  readonly folder: string;
  readonly gpuProvider?: GpuProvider;
}): Promise<ManifestCatalogue> {
  const folders = await bundleFolders(options.folder);
  const manifests = await Promise.all(folders.map(readModelManifest));
  const byName = new Map(manifests.map((manifest) => [manifest.name, manifest]));
  return {
    describe: (model, lane) =>
      pinnedModel({ manifest: find(byName, model) }, lane, options.gpuProvider),
  };
}

function find(manifests: ReadonlyMap<string, ModelManifest>, model: string): ModelManifest {
  const manifest = manifests.get(model);
  if (manifest !== undefined) return manifest;
  throw new SwitchyardError(
    'model_not_found',
    `There is no model of that name; there are ${[...manifests.keys()].sort().join(', ')}.`,
  );
}
