import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type WrittenObject, writtenObjects } from '#core/jobs/drop-event.ts';
import { dropPlaceOf } from '#core/jobs/drop-zone.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createDropJob, type DroppedFile } from '#work/accept/create-drop-job.ts';
import { refuseMisplacedDrop } from '#work/accept/refuse-misplaced-drop.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import type { Log } from '../handler-dependencies.ts';

export interface DropEventDependencies {
  readonly ports: JobPorts;
  readonly log: Log;
  /** How the store names that version of an object. */
  readonly versionOf: (written: WrittenObject) => Promise<string | undefined>;
  /** Options that the object carries itself. */
  readonly optionsOf: (file: DroppedFile) => Promise<Uint8Array | undefined>;
}

/**
 * Makes jobs of the files that messages tell of. Messages come more than once and in any order; the
 * same version of a file is the same job. Only messages that failed come again, and after the queue's
 * last try they lie in its dead-letter queue.
 */
export function createDropEventAnswerer(
  deps: DropEventDependencies,
): (event: SQSEvent) => Promise<SQSBatchResponse> {
  return async (event) => {
    const failures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of event.Records) {
      try {
        await takeMessage(deps, body);
      } catch (error) {
        deps.log({ level: 'error', event: 'drop_failed', message: messageId, detail: told(error) });
        failures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failures };
  };
}

async function takeMessage(deps: DropEventDependencies, body: string): Promise<void> {
  for (const written of writtenObjects(parseBody(body))) {
    if (written.bucket !== deps.ports.settings.bucketName) {
      const detail = 'the event is of another bucket; check the rule that sends it';
      throw new SwitchyardError('invalid_setting', detail);
    }
    const key = `bucket/${written.key}`;
    if (dropPlaceOf(key) !== undefined) await takeFile(deps, written);
    else if (await refuseMisplacedDrop(deps.ports.objectStore, key)) deps.log(misplaced);
  }
}

const misplaced = { event: 'drop_misplaced', detail: 'it names no model; see the outbox' } as const;

async function takeFile(deps: DropEventDependencies, written: WrittenObject): Promise<void> {
  const { ports, log } = deps;
  const version = await deps.versionOf(written);
  if (version === undefined) return log({ event: 'drop_gone' });
  const file = { key: `bucket/${written.key}`, version };
  const options = await deps.optionsOf(file);
  const dropped = options === undefined ? file : { ...file, options };
  const registered = await createDropJob(ports, dropped).catch((error: unknown) => {
    if (error instanceof SwitchyardError && error.code === 'object_changed') return undefined;
    throw error;
  });
  // That version was removed before its event came: there is nothing to work on, now or later.
  if (registered === undefined) return log({ event: 'drop_gone' });
  const { job, created } = registered;
  log({ event: 'drop_taken', job: job.id, created });
  await reconcileJob(ports, job.id).catch((error: unknown) => {
    // The job is durable; the reconciler's schedule submits it.
    log({ level: 'error', event: 'reconcile_failed', job: job.id, detail: String(error) });
  });
}

function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new SwitchyardError('invalid_json', 'the message is not JSON');
  }
}

function told(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
