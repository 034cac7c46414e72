import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ModelManifest, modelManifestSchema } from '#core/models/model-manifest.ts';
import { projectFolder } from './bundling/project-folder.ts';

/** What a model of `models/` says about itself. */
export function readManifest(model: string): ModelManifest {
  const file = join(projectFolder, 'models', model, 'switchyard.json');
  return modelManifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
