import { createDropJob, type DroppedFile } from '#work/accept/create-drop-job.ts';
import { refuseMisplacedDrop } from '#work/accept/refuse-misplaced-drop.ts';
import type { JobPorts } from '#work/job-ports.ts';
import type { Log } from '../handler-dependencies.ts';
import type { Reconciler } from './run-reconciler.ts';

/** Makes the job of a dropped file, or says where the file should have been put. */
export async function takeDrop(
  file: DroppedFile,
  deps: {
    readonly ports: JobPorts;
    readonly reconciler: Pick<Reconciler, 'wake'>;
    readonly log: Log;
  },
): Promise<void> {
  if (await refuseMisplacedDrop(deps.ports.objectStore, file.key)) {
    const detail = 'a file lies in the inbox itself; the outbox says where it belongs';
    deps.log({ level: 'warn', event: 'drop_misplaced', detail });
    return;
  }
  const { job } = await createDropJob(deps.ports, file);
  deps.reconciler.wake(job.id);
}
