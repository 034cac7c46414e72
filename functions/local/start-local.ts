import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDeploymentSecret } from '#adapters/local/deployment-secret.ts';
import { createFolderInputSnapshots } from '#adapters/local/folder-input-snapshots.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { createHttpNotifier } from '#adapters/local/http-notifier.ts';
import { nextGeneration } from '#adapters/local/next-generation.ts';
import { createProcessJobQueue } from '#adapters/local/process-job-queue.ts';
import { createPrometheusMetricSink } from '#adapters/local/prometheus-metric-sink.ts';
import { receiveUpload } from '#adapters/local/receive-upload.ts';
import {
  createSignedObjectLinks,
  createSignedUploadLinks,
  verifyObjectLink,
  verifyUploadLink,
} from '#adapters/local/signed-object-links.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import type { Clock } from '#core/ports/clock.ts';
import { DAY_MILLIS } from '#core/utc-day.ts';
import { openModelCatalogue } from '#inference/model-catalogue.ts';
import { openInferenceService } from '#inference/open-inference-service.ts';
import { createJobRouting } from '#work/accept/route-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { openJobService } from '#work/open-job-service.ts';
import { createHandlers } from '../create-handlers.ts';
import type { Log } from '../handler-dependencies.ts';
import { jsonAnswer } from '../json-answer.ts';
import { prepareChaos } from './chaos/run-chaos.ts';
import { sessionWorkerEntry, workerEntry } from './entry-files.ts';
import { openLocalBudgets } from './open-local-budgets.ts';
import { openLocalEscalation } from './open-local-escalation.ts';
import { openLocalLedger } from './open-local-ledger.ts';
import {
  keepLearning,
  learningLedger,
  observeRequest,
  openLocalRouter,
} from './open-local-router.ts';
import { rehearseGpuLanes } from './rehearse-gpu-lanes.ts';
import { createReconciler, type Reconciler } from './run-reconciler.ts';
import { createLocalServer } from './server.ts';
import type { LocalSettings } from './settings.ts';
import { takeDrop } from './take-drop.ts';
import { watchInbox } from './watch-inbox.ts';
import { queueStrategy, workerEnvironment, workerMemoryFlags } from './worker-start.ts';

/** Only this machine may call: there are no keys here. */
const HOST = '127.0.0.1';
/** Name of the local data bucket in `s3://` URIs. */
const BUCKET = 'local';

export interface RunningSwitchyard {
  readonly url: string;
  /** Ends requests, workers and watchers. Takes at most about 8 seconds; nothing accepted is lost. */
  close(): Promise<void>;
}

/** What a test may put in the place of the real thing. */
interface LocalParts {
  readonly worker?: URL;
  readonly clock?: Clock;
}

/** Puts the local adapters behind the handlers of the cloud and starts everything on this machine. */
export async function startLocal(
  settings: LocalSettings,
  log: Log,
  { worker = workerEntry, clock = systemClock }: LocalParts = {},
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
    clock,
    workerEntry: sessionWorkerEntry,
  });
  const reconciler = createReconciler({
    ports: () => ports,
    clock,
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
      args: [...workerMemoryFlags, fileURLToPath(worker)],
    },
    environment: workerEnvironment(settings),
    maxProcesses: settings.workers,
    ...queueStrategy(settings),
    onAttemptEnded: (attempt) => {
      if (attempt.next !== 'done') log({ event: 'worker_attempt_ended', ...attempt });
    },
    onEnded: (name) => reconciler.wake(name.slice(0, name.lastIndexOf('-'))),
  });
  const books = await openLocalLedger({ ...settings, clock, log });
  const { ledger, counting, rates, charges, costs } = books;
  const onRouterError = (error: unknown): void =>
    log({ level: 'error', event: 'router_refresh', error: String(error) });
  const router = await openLocalRouter({
    ...settings,
    catalogue,
    objectStore,
    clock,
    limits: defaultLimits,
    rates,
  });
  const { tenantBudget: budget } = settings;
  const budgeted =
    budget && counting && openLocalBudgets({ budget, ledger: counting, objectStore, clock });
  const budgets = budgeted?.budgets;
  const parts = { catalogue, inference, router, clock };
  const escalation = await openLocalEscalation(settings, parts);
  const ports: JobPorts = {
    charges: { rates: () => rates, ledger: learningLedger(ledger, router, onRouterError) },
    budgets,
    routeJob: createJobRouting(router, budgets),
    objectStore: budgeted?.objectStore ?? objectStore,
    jobQueue,
    inputSnapshots: createFolderInputSnapshots({ folder }),
    clock,
    catalogue: settings.rehearsesGpu ? rehearseGpuLanes(catalogue) : catalogue,
    limits: defaultLimits,
    settings: {
      secret,
      bucketName: BUCKET,
      inputRules: { kind: 'everything' },
      workers: settings.workers,
      cellBytes: settings.cellBytes,
      generation,
    },
  };
  let url = '';
  const metrics = createPrometheusMetricSink();
  const linkOptions = { secret, baseUrl: () => url, clock };
  const handlers = createHandlers({
    limits: defaultLimits,
    inference,
    jobs: openJobService(ports, reconciler.wake),
    objectStore,
    objectLinks: createSignedObjectLinks(linkOptions),
    uploadLinks: createSignedUploadLinks(linkOptions),
    needsKey: false,
    bucketName: BUCKET,
    clock,
    metrics,
    log,
    router,
    ...(budgets === undefined ? {} : { budgets }),
    ...(escalation === undefined ? {} : { escalation }),
    costs,
    costOf: charges.costOf,
    recordRequest: (request) => {
      charges.recordRequest(request);
      observeRequest(router, request);
    },
  });
  const server = createLocalServer({
    handlers,
    objectStore,
    verifyLink: (path, query) => verifyObjectLink(`${path}?${query.toString()}`, linkOptions),
    verifyUpload: (path, query) => verifyUploadLink(`${path}?${query.toString()}`, linkOptions),
    storeUpload: (key, upload) => receiveUpload(folder, key, upload),
    limits: defaultLimits,
    clock,
    log,
    extraRoutes: [metricsRoute(metrics), reconcileRoute(reconciler)],
  });
  const { port } = await server.listen({ host: HOST, port: settings.port });
  url = `http://${HOST}:${port}`;
  void inference.settled().then(() => log({ event: 'models_loaded', ...inference.readiness() }));
  const stop = new AbortController();
  const loops = [
    reconciler.run(stop.signal),
    keepLearning(router, {
      clock,
      stop: stop.signal,
      onError: onRouterError,
    }),
    chaos?.({ queue: jobQueue, clock, log, stop: stop.signal }),
    watchInbox({
      objectStore,
      clock,
      stop: stop.signal,
      onFile: (file) => takeDrop(file, { ports, reconciler, log }),
    }),
  ];
  return {
    url,
    close: async () => {
      stop.abort();
      await Promise.all([server.close(), jobQueue.close(), ...loops]);
      await inference.close();
      await books.close();
    },
  };
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
