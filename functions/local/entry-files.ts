// Where the entries lie that this process starts as processes and threads. From the sources they are
// beside their folders; in the published package prepack puts all of them into one folder.

const isSource = import.meta.url.endsWith('.ts');

/** The worker that the local queue starts. */
export const workerEntry = new URL(
  isSource ? '../../gpu-batch/main.ts' : './worker.mjs',
  import.meta.url,
);

/** The thread that runs models for requests. */
export const sessionWorkerEntry = new URL(
  isSource ? '../../shared/inference/session-worker.ts' : './session-worker.mjs',
  import.meta.url,
);

/** The model bundles that come with the project. */
export const projectModels = new URL(isSource ? '../../models' : '../models', import.meta.url);
