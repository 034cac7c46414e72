import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesForLanes } from '#core/models/lane-files.ts';
import { modelManifestSchema } from '#core/models/model-manifest.ts';
import { projectFolder } from './project-folder.ts';

const MANIFEST = 'switchyard.json';

/** Copies model bundles into `models/` of a package; without the files that only GPUs open. */
export function copyModels(
  folder: string,
  options: { readonly models: readonly string[]; readonly kind: 'weights' | 'manifests' },
): void {
  for (const model of options.models) {
    const bundle = join(projectFolder, 'models', model);
    const files = options.kind === 'manifests' ? [MANIFEST] : servedFiles(bundle);
    for (const file of files) cpSync(join(bundle, file), join(folder, 'models', model, file));
  }
}

function servedFiles(bundle: string): readonly string[] {
  const text = readFileSync(join(bundle, MANIFEST), 'utf8');
  return filesForLanes(modelManifestSchema.parse(JSON.parse(text)), ['cpu', 'cpu-fleet']);
}
