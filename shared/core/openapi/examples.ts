import type { JobView } from '../contract/job-view.ts';
import type { AnswerEnvelope } from '../contract/predict-answer.ts';
import type { RouteView } from '../contract/route-view.ts';

const stateId = 'rs-2317c1ccb66c02d4bedcd274';

/** What stands around the results of the examples: a server on one machine said so. */
export const answerFacts: AnswerEnvelope = {
  model: 'sst2-minilm',
  model_version: '1.0.0',
  processing_time_ms: 2.1,
  request_id: '5dba0a01-8185-4de5-bfd4-e805d3553fe4',
  route: { lane: 'cpu', reason: 'cheapest', stateId },
  usage: { items: 1, tokens: 7 },
  cost: {
    usd: 0.000004234421908789,
    basis:
      'estimate: this time on AWS Lambda (1769 MB x86_64 in us-east-1) with REST API and log; nothing was charged',
  },
};

const inline: RouteView['candidates'][number] = {
  lanes: ['cpu'],
  plan: { kind: 'inline' },
  verdict: 'chosen',
  finishSeconds: 0.0006,
  time: { p50Seconds: 0.0006, p90Seconds: 0.0006, p99Seconds: 0.0006 },
  chance: 1,
  usd: 0.000004193833,
  terms: {
    run: 0.000000016996,
    init: 0,
    request: 0.000004176837,
    boot: 0,
    disk: 0,
    idle: 0,
    lost: 0,
    bookkeeping: 0,
  },
};

export const inlineRoute = {
  lane: 'cpu',
  reason: 'cheapest-on-time',
  stateId,
  items: 1,
  tokens: 8.444,
  onTime: true,
  target: 0.95,
  chosen: inline,
  candidates: [inline],
  assumptions: [
    'prices: what AWS would take for the same seconds in us-east-1; nothing is charged here',
  ],
} as const satisfies RouteView;

/** A job that was just accepted. */
export const newJob: JobView = {
  id: 'job_afpq94vb4nqqcgt3v9d7ydcvj4',
  status: 'queued',
  model: 'sst2-minilm',
  model_version: '1.0.0',
  lane: 'cpu-fleet',
  input: 'inline',
  counts: { total: 0, completed: 0, failed: 0 },
  bytes: { total: 70, processed: 0 },
  rows_per_second: null,
  eta_seconds: null,
  created_at: '2026-11-24T13:35:25.341Z',
  finished_at: null,
  output: null,
  error: null,
  validation: null,
  route: { stateId, reason: 'cheapest-on-time', lane: 'cpu-fleet', workers: 1, tokens: 11.324 },
  quote: { usd: 0.0000329, finish_seconds: 3.2, on_time: true },
  resumes: 0,
};

export const completedJob: JobView = {
  ...newJob,
  status: 'completed',
  counts: { total: 2, completed: 1, failed: 1 },
  bytes: { total: 70, processed: 70 },
  finished_at: '2026-11-24T13:35:27.902Z',
  output: 's3://local/outbox/sst2-minilm/job_afpq94vb4nqqcgt3v9d7ydcvj4/',
  validation: {
    errors: 1,
    first: [{ line: 2, code: 'invalid_row', detail: 'a text may not be empty or blank' }],
  },
};
