import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { modelNameSchema } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * The folder of one model, without opening any other: a worker needs just this one, and a damaged
 * neighbour must not stop it. Bundles lie in a folder of their name. Throws `model_not_found`.
 */
export async function locateBundle(folders: readonly string[], model: string): Promise<string> {
  const name = modelNameSchema.safeParse(model).data;
  for (const folder of name === undefined ? [] : folders) {
    const bundle = join(folder, model);
    const found = await access(join(bundle, 'switchyard.json')).then(
      () => true,
      () => false,
    );
    if (found) return bundle;
  }
  throw new SwitchyardError('model_not_found', 'no model folder holds a bundle of that name');
}
