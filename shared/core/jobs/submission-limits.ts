import type { WorkerSubmission } from '../ports/job-queue.ts';
import { SwitchyardError } from '../switchyard-error.ts';

/** Throws `invalid_request` for what AWS Batch would not accept; no queue accepts it. */
export function assertSubmission({ name, workers }: WorkerSubmission): void {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) {
    throw new SwitchyardError(
      'invalid_request',
      'The name of a submission has 1–128 letters, digits, "-" or "_".',
    );
  }
  if (!Number.isInteger(workers) || workers < 1 || workers > 10_000) {
    throw new SwitchyardError('invalid_request', 'A submission has 1–10,000 workers.');
  }
}
