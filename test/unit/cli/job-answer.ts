import type { JobAnswer } from '../../../cli/service/service-answers.ts';

/** A job as the service answers it. */
export function jobAnswer(changes: Partial<JobAnswer>): JobAnswer {
  return {
    id: 'job_1',
    status: 'running',
    model: 'tiny-text',
    input: 'inline',
    counts: { total: 0, completed: 0, failed: 0 },
    rows_per_second: null,
    eta_seconds: null,
    created_at: '2026-01-02T03:04:05.678Z',
    finished_at: null,
    output: null,
    error: null,
    ...changes,
  };
}
