// usage: node gpu-batch/image/build-worker.ts [OUT]   (dist/worker)
//
// What the image runs, in one folder: the worker and its child bundled, ONNX Runtime for linux/x64
// alone, and of each model that has a file for GPUs that file and the small ones.

import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { selfContainedBundle } from '#core/deployment/node-bundle.ts';
import { filesForLanes, variantForLane } from '#core/models/lane-files.ts';
import { type ModelManifest, modelManifestSchema } from '#core/models/model-manifest.ts';

const project = join(import.meta.dirname, '../..');
const [out = 'dist/worker'] = process.argv.slice(2);

await build({
  ...selfContainedBundle,
  absWorkingDir: project,
  // The worker starts its child by this name, from beside its own file.
  entryPoints: { worker: 'gpu-batch/main.ts', 'session-child': 'gpu-batch/session-child.ts' },
  outdir: out,
  chunkNames: 'chunk-[hash]',
  legalComments: 'linked',
});
await copyParts('onnxruntime-node', ['package.json', 'dist', 'bin/napi-v6/linux/x64']);
await copyParts('onnxruntime-common', ['package.json', 'dist/cjs']);
const models = await copyModels();
if (models.length === 0) {
  process.stderr.write('no model has a file for GPUs: a GPU worker has nothing to run\n');
  process.exit(1);
}
process.stdout.write(`built the worker with ${models.join(', ')}\n`);

async function copyParts(name: string, parts: readonly string[]): Promise<void> {
  for (const part of parts) {
    const from = join(project, 'node_modules', name, part);
    await cp(from, join(out, 'node_modules', name, part), { recursive: true });
  }
}

async function copyModels(): Promise<readonly string[]> {
  const copied: string[] = [];
  for (const name of await readdir(join(project, 'models'))) {
    const bundle = join(project, 'models', name);
    const manifest = await readManifest(bundle);
    if (variantForLane(manifest, 'gpu-spot') === undefined) continue;
    for (const file of filesForLanes(manifest, ['gpu-spot', 'gpu-on-demand'])) {
      const to = join(out, 'models', name, file);
      await mkdir(join(to, '..'), { recursive: true });
      await cp(join(bundle, file), to);
    }
    copied.push(name);
  }
  return copied;
}

async function readManifest(bundle: string): Promise<ModelManifest> {
  const text = await readFile(join(bundle, 'switchyard.json'), 'utf8');
  return modelManifestSchema.parse(JSON.parse(text));
}
