import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  const { files, variants } = modelManifestSchema.parse(JSON.parse(text));
  const weights = variants.filter(({ name }) => name.startsWith('cpu-')).map(({ file }) => file);
  return [MANIFEST, ...Object.keys(files), ...weights];
}
