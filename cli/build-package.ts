// `npm run prepack`: bundles what the published package runs. Node does not strip types below
// node_modules, so the sources cannot be published as they are.

import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { nodeBundle } from '#core/deployment/node-bundle.ts';

const projectFolder = join(import.meta.dirname, '..');
const outputFolder = join(projectFolder, 'dist');
const program = join(outputFolder, 'switchyard.mjs');

await rm(outputFolder, { recursive: true, force: true });
await build({
  ...nodeBundle,
  absWorkingDir: projectFolder,
  // Their names are what functions/local/entry-files.ts and gpu-batch/model-process.ts look for.
  entryPoints: {
    switchyard: 'cli/main.ts',
    worker: 'gpu-batch/main.ts',
    'session-child': 'gpu-batch/session-child.ts',
    'session-worker': 'shared/inference/session-worker.ts',
  },
  outdir: outputFolder,
  chunkNames: 'chunk-[hash]',
  // Dependencies stay what package.json says: they carry their own licences and security fixes.
  packages: 'external',
  legalComments: 'none',
});
await chmod(program, 0o755);
