// `npm run prepack`: bundles what the published package runs. Node does not strip types below
// node_modules, so the sources cannot be published as they are.

import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const projectFolder = join(import.meta.dirname, '..');
const outputFolder = join(projectFolder, 'dist');
const program = join(outputFolder, 'switchyard.mjs');

await rm(outputFolder, { recursive: true, force: true });
await build({
  absWorkingDir: projectFolder,
  // Their names are what functions/local/entry-files.ts and gpu-batch/model-process.ts look for.
  entryPoints: {
    switchyard: 'cli/main.ts',
    worker: 'gpu-batch/main.ts',
    'session-child': 'gpu-batch/session-child.ts',
    'session-worker': 'shared/inference/session-worker.ts',
  },
  outdir: outputFolder,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  // Shared chunks lie beside the entries, where import.meta.url must point for them to be found.
  splitting: true,
  chunkNames: 'chunk-[hash]',
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Dependencies stay what package.json says: they carry their own licences and security fixes.
  packages: 'external',
  legalComments: 'none',
  logLevel: 'warning',
});
await chmod(program, 0o755);
