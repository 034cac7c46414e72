import { defaultLimits } from '#core/contract/limits.ts';
import type { InputSnapshots } from '#core/ports/input-snapshots.ts';
import type { JobQueue } from '#core/ports/job-queue.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { RetryingStore } from './retrying-store.ts';
import { simulatedCatalogue } from './simulated-model.ts';
import { sendRequest } from './simulated-network.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { SimulatedQueue } from './simulated-queue.ts';
import type { World } from './world.ts';

export interface DeploymentSettings {
  /** `local`: one server that lives on and holds the queue. `functions`: a process per event. */
  readonly kind: 'local' | 'functions';
  readonly cellBytes: number;
  readonly workers: number;
  /** Whether pinning copies an input, or only names its version, so that an overwrite is an error. */
  readonly pins: 'by-copy' | 'by-version';
}

/** The ports of a process that runs the steps around jobs. */
export function portsOf(
  world: World,
  process: SimulatedProcess,
  deployment: DeploymentSettings & { readonly queue: SimulatedQueue; readonly generation: number },
): JobPorts {
  const objectStore = new RetryingStore(world, process);
  const { cellBytes, workers, generation } = deployment;
  return {
    objectStore,
    jobQueue: queuePort(world, process, deployment),
    inputSnapshots: snapshotsPort(objectStore, deployment.pins),
    clock: process.clock,
    catalogue: simulatedCatalogue,
    limits: defaultLimits,
    settings: {
      ...{ secret: 'simulated', bucketName: 'local', workers, cellBytes, generation },
      inputRules: { kind: 'everything' },
    },
  };
}

/** Calls to AWS Batch fail like others and are not retried here; the local queue is no network away. */
function queuePort(
  world: World,
  process: SimulatedProcess,
  deployment: { readonly kind: DeploymentSettings['kind']; readonly queue: SimulatedQueue },
): JobQueue {
  const { queue } = deployment;
  const call = async <Answer>(label: string, apply: () => Answer): Promise<Answer> => {
    if (deployment.kind === 'local') {
      await process.clock.sleep(0);
      return apply();
    }
    const request = { label, isConditional: false, apply: () => ({ answer: apply() }) };
    return (await sendRequest(world, process, request)).answer;
  };
  return {
    submit: (submission) => call(`submit ${submission.name}`, () => queue.submit(submission)),
    describe: (name) => call(`describe ${name}`, () => queue.describe(name)),
    async terminate(name, reason) {
      await call(`terminate ${name}`, () => queue.terminate(name, reason));
      for (;;) {
        const state = await call(`describe ${name}`, () => queue.describe(name));
        if (state?.status !== 'queued' && state?.status !== 'running') return;
        await process.clock.sleep(1_000);
      }
    },
  };
}

function snapshotsPort(objectStore: ObjectStore, pins: DeploymentSettings['pins']): InputSnapshots {
  return {
    version: async (key) => (await objectStore.head(key))?.etag,
    async pin({ key, version }, jobId) {
      if (pins === 'by-version') return await headOfVersion(objectStore, key, version);
      const pinned = `work/jobs/${jobId}/input`;
      const known = await objectStore.head(pinned);
      if (known !== undefined) return known;
      const bytes = await objectStore.read(key, { ifMatch: version });
      if (bytes === undefined) throw new SwitchyardError('object_changed', 'the input is gone');
      await objectStore.putIfAbsent(pinned, bytes);
      const head = await objectStore.head(pinned);
      if (head === undefined) throw new SwitchyardError('object_not_found', 'the copy is gone');
      return head;
    },
  };
}

async function headOfVersion(
  objectStore: ObjectStore,
  key: string,
  version: string,
): Promise<ObjectHead> {
  const head = await objectStore.head(key);
  if (head?.etag === version) return head;
  throw new SwitchyardError('object_changed', 'the input is another one now');
}
