import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeploymentSecret } from '#adapters/local/deployment-secret.ts';
import { createFolderInputSnapshots } from '#adapters/local/folder-input-snapshots.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { createHttpNotifier } from '#adapters/local/http-notifier.ts';
import { nextGeneration } from '#adapters/local/next-generation.ts';
import { createProcessJobQueue } from '#adapters/local/process-job-queue.ts';
import { createPrometheusMetricSink } from '#adapters/local/prometheus-metric-sink.ts';
import { createSignedObjectLinks, verifyObjectLink } from '#adapters/local/signed-object-links.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import { createDropJob } from '#work/create-drop-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { openJobService } from '#work/open-job-service.ts';
import { createHandlers } from '../create-handlers.ts';
import type { Log } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { prepareChaos } from './chaos/run-chaos.ts';
import { sessionWorkerEntry, workerEntry } from './entry-files.ts';
import { openLocalLedger } from './open-local-ledger.ts';
import { createReconciler, type Reconciler } from './run-reconciler.ts';
import { createLocalServer } from './server.ts';
import type { LocalSettings } from './settings.ts';
import { watchInbox } from './watch-inbox.ts';

/** Only this machine may call: there are no keys here. */
const HOST = '127.0.0.1';
/** Name of the local data bucket in `s3://` URIs. */
const BUCKET = 'local';
const DAY_MILLIS = 86_400_000;

/**
 * V8 sizes its heap by the machine, so a worker's memory would grow with the file until its first big
 * collection. A small young generation and an early first collection keep it flat; a cell never needs
 * more than a few MiB. The session child inherits them.
 */
const workerMemoryFlags = [
  '--expose-gc',
  '--max-semi-space-size=2',
  '--initial-old-space-size=16',
  '--max-old-space-size=160',
];

export interface RunningSwitchyard {
  readonly url: string;
  /** Ends requests, workers and watchers. Takes at most about 8 seconds; nothing accepted is lost. */
  close(): Promise<void>;
}

/** Puts the local adapters behind the handlers of the cloud and starts everything on this machine. */
export async function startLocal(
  settings: LocalSettings,
  log: Log,
  entries: { readonly worker: URL } = { worker: workerEntry },
): Promise<RunningSwitchyard> {
  const folder = settings.dataFolder;
  const chaos = settings.chaos && (await prepareChaos(settings.chaos));
  const objectStore = await openFolderObjectStore({ folder });
  const secret = await readDeploymentSecret(join(folder, 'secret'));
  const generation = await nextGeneration(objectStore);
  const { modelFolders: folders, gpuProvider } = settings;
  const catalogue = await openModelCatalogue({
    folders,
    ...(gpuProvider === undefined ? {} : { gpuProvider }),
  });
  const inference = openInferenceService({
    catalogue,
    sessionWorkers: settings.sessionWorkers,
    clock: systemClock,
    workerEntry: sessionWorkerEntry,
  });
  const reconciler = createReconciler({
    ports: () => ports,
    clock: systemClock,
    log,
    options: {
      // The server listens on this machine only, so its users may name receivers on it.
      notifier: createHttpNotifier({ allowsLoopback: true }),
      retentionMillis: settings.retentionDays * DAY_MILLIS,
    },
  });
  const jobQueue = createProcessJobQueue({
    command: {
      executable: process.execPath,
      args: [...workerMemoryFlags, fileURLToPath(entries.worker)],
    },
    environment: workerEnvironment(settings),
    maxProcesses: settings.workers,
    ...queueStrategy(settings),
    onAttemptEnded: (attempt) => {
      if (attempt.next !== 'done') log({ event: 'worker_attempt_ended', ...attempt });
    },
    onEnded: (name) => reconciler.wake(name.slice(0, name.lastIndexOf('-'))),
  });
  const { ledger, rates, charges } = await openLocalLedger({
    ...settings,
    clock: systemClock,
    log,
  });
  const ports: JobPorts = {
    charges: { rates, ledger },
    objectStore,
    jobQueue,
    inputSnapshots: createFolderInputSnapshots({ folder }),
    clock: systemClock,
    catalogue,
    limits: defaultLimits,
    settings: {
      secret,
      bucketName: BUCKET,
      workers: settings.workers,
      cellBytes: settings.cellBytes,
      generation,
    },
  };
  let url = '';
  const metrics = createPrometheusMetricSink();
  const objectLinks = createSignedObjectLinks({ secret, baseUrl: () => url, clock: systemClock });
  const handlers = createHandlers({
    limits: defaultLimits,
    inference,
    jobs: openJobService(ports, reconciler.wake),
    objectStore,
    objectLinks,
    clock: systemClock,
    metrics,
    log,
    ...charges,
  });
  const server = createLocalServer({
    handlers,
    objectStore,
    verifyLink: (path, query) =>
      verifyObjectLink(`${path}?${query.toString()}`, { secret, clock: systemClock }),
    limits: defaultLimits,
    clock: systemClock,
    log,
    extraRoutes: [metricsRoute(metrics), reconcileRoute(reconciler)],
  });
  const { port } = await server.listen({ host: HOST, port: settings.port });
  url = `http://${HOST}:${port}`;
  const stop = new AbortController();
  const loops = [
    reconciler.run(stop.signal),
    chaos?.({ queue: jobQueue, clock: systemClock, log, stop: stop.signal }),
    watchInbox({
      objectStore,
      clock: systemClock,
      stop: stop.signal,
      onFile: async (file) => {
        const { job } = await createDropJob(ports, file);
        reconciler.wake(job.id);
      },
    }),
  ];
  return {
    url,
    close: async () => {
      stop.abort();
      await Promise.all([server.close(), jobQueue.close(), ...loops]);
      await inference.close();
      await ledger.close();
    },
  };
}

/** Workers get what they need and nothing else: no token of the shell that started the server. */
function workerEnvironment(settings: LocalSettings): Record<string, string> {
  // The last three lead a GPU provider to its driver.
  const passedOn = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'LD_LIBRARY_PATH',
    'NODE_COMPILE_CACHE',
    'VK_ICD_FILENAMES',
    'XDG_RUNTIME_DIR',
    'SWITCHYARD_METADATA_URL',
    'SWITCHYARD_METADATA_POLL_MILLIS',
    'SWITCHYARD_SLOW_MILLIS_PER_CELL',
    'SWITCHYARD_DRAIN_MILLIS',
  ];
  const inherited = passedOn.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    // Below the grace of the queue: a worker that leaves in time says so with its exit code.
    SWITCHYARD_DRAIN_MILLIS: '4500',
    // Every job starts workers: without their compiled code each start costs twice the CPU time.
    NODE_COMPILE_CACHE: join(settings.dataFolder, 'compile-cache'),
    ...Object.fromEntries(inherited),
    ORT_DISABLE_TELEMETRY: '1',
    SWITCHYARD_DATA: settings.dataFolder,
    SWITCHYARD_MODELS: settings.modelFolders.join(delimiter),
  };
}

function queueStrategy(settings: LocalSettings) {
  const { workerAttempts: attempts, runnableWaitMillis, runnableLimitMillis } = settings;
  if (runnableLimitMillis === undefined) return { attempts, runnableWaitMillis };
  const reason = 'CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY';
  const stateTimeLimit = { runnableMillis: runnableLimitMillis, reason };
  return { attempts, runnableWaitMillis, stateTimeLimit };
}

/** In the cloud a schedule does this; here `switchyard reconcile` may ask for a round of its own. */
function reconcileRoute(reconciler: Reconciler) {
  return {
    method: 'POST',
    path: '/jobs:reconcile',
    handler: async () => jsonAnswer(200, await reconciler.round()),
  };
}

function metricsRoute(metrics: { render(): Promise<string> }) {
  return {
    method: 'GET',
    path: '/metrics',
    handler: async () => ({
      statusCode: 200,
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      body: await metrics.render(),
    }),
  };
}
