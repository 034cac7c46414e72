import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationText, jobLines, jobTable } from '../../../cli/terminal/format-job.ts';
import { jobAnswer } from './job-answer.ts';

test('a job shows its facts and leaves out those that are not known', () => {
  const job = jobAnswer({ counts: { total: 5_000, completed: 1_197, failed: 3 }, eta_seconds: 64 });

  assert.deepEqual(jobLines(job), [
    'job      job_1',
    'status   running',
    'model    tiny-text',
    'input    inline',
    'rows     1,200 of 5,000 done, 3 errors',
    'left     1 min 04 s',
    'created  2026-01-02T03:04:05.678Z',
  ]);
});

test('a failed job shows its reason', () => {
  const job = jobAnswer({ status: 'failed', error: { code: 'invalid_row', detail: 'no column' } });

  assert.ok(jobLines(job).includes('reason   no column (invalid_row)'));
});

test('a job that waits for its tenant’s next month shows when it starts', () => {
  const job = jobAnswer({ status: 'queued', route: { startsAt: '2026-12-01T00:00:00Z' } });

  assert.ok(jobLines(job).includes('starts   2026-12-01T00:00:00Z'));
});

test('a table of jobs aligns names left and numbers right', () => {
  const long = jobAnswer({ id: 'job_22', counts: { total: 12_345, completed: 7, failed: 0 } });

  assert.deepEqual(jobTable([jobAnswer({}), long]), [
    'JOB     STATUS   MODEL        ROWS  DONE  ERRORS  CREATED              INPUT',
    'job_1   running  tiny-text       0     0       0  2026-01-02 03:04:05  inline',
    'job_22  running  tiny-text  12,345     7       0  2026-01-02 03:04:05  inline',
  ]);
});

test('a table of no jobs says how to make one', () => {
  assert.match(jobTable([]).join('\n'), /switchyard submit/);
});

test('a duration has the unit that people read', () => {
  assert.deepEqual([0, 41.2, 60, 3_599, 7_620].map(durationText), [
    '0 s',
    '42 s',
    '1 min 00 s',
    '59 min 59 s',
    '2 h 07 min',
  ]);
});
