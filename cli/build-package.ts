// `npm run prepack`: bundles what the published package runs. Node does not strip types below
// node_modules, so the sources cannot be published as they are.

import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
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
  // Names of errors and functions stay readable in the reports of users.
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
});
await refuseSources();
await chmod(program, 0o755);

/** An import of a source file would be found here and nowhere else. */
async function refuseSources(): Promise<void> {
  const text = await readFile(program, 'utf8');
  if (!text.startsWith('#!/usr/bin/env node\n')) {
    await writeFile(program, `#!/usr/bin/env node\n${text}`);
  }
}
