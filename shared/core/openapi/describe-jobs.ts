import { costsQuerySchema } from '../contract/costs-query.ts';
import { costsViewSchema } from '../contract/costs-view.ts';
import { jobPartQuerySchema } from '../contract/job-part-query.ts';
import { jobListSchema, jobViewSchema } from '../contract/job-view.ts';
import { listJobsQuerySchema } from '../contract/list-jobs-query.ts';
import type { Operation } from '../contract/routes.ts';
import { uploadViewSchema } from '../contract/upload.ts';
import { completedJob, newJob } from './examples.ts';
import { type AnswerDescription, json, type RouteDescription } from './route-description.ts';

const acceptedJob: AnswerDescription = {
  description: 'The job is accepted: it survives whatever happens from now on.',
  content: json(jobViewSchema, newJob),
  headers: ['Location', 'Retry-After', 'Idempotency-Replayed'],
};

/** Routes of jobs and of what they cost. */
export const jobRoutes = {
  createJob: {
    group: 'Jobs',
    summary: 'Start a job over items or over a file.',
    description:
      'Every row ends in exactly one of results and errors, whatever is killed in between. The same ' +
      '`Idempotency-Key` with the same body gives the same job.',
    bodies: {
      Items: { items: [{ text: 'a gripping, beautiful film', id: 'r1' }, { text: 'dull' }] },
      'A file': {
        input: 's3://local/reviews.csv',
        options: { textColumn: 'review', join: ['stars'], output: 'parquet' },
        deadlineMs: 3_600_000,
      },
    },
    requestHeaders: ['Idempotency-Key'],
    answers: { 202: acceptedJob },
    errors: [
      'invalid_request',
      'invalid_key',
      'unsupported_format',
      'model_not_found',
      'object_not_found',
      'object_changed',
      'lane_unavailable',
      'deadline_infeasible',
      'price_limit_exceeded',
      'budget_exceeded',
      'payload_too_large',
      'too_many_items',
      'idempotency_key_reused',
    ],
  },
  createUpload: {
    group: 'Jobs',
    summary: 'Where to PUT a file, and what a job then calls it.',
    description:
      'Send the file to `url` with the `headers` that the answer names, then `POST /jobs` with its ' +
      '`input`.',
    bodies: { 'A CSV file': { filename: 'reviews.csv', bytes: 1_048_576 } },
    answers: {
      201: {
        description: 'A link that takes exactly this file.',
        content: json(uploadViewSchema, {
          method: 'PUT',
          url: 'http://127.0.0.1:8080/objects/bucket/uploads/local/67e8c278/reviews.csv?expires=1795528226&size=1048576&sha256=&signature=82d8e999',
          headers: { 'content-length': '1048576', 'if-none-match': '*' },
          expires_at: '2026-11-24T13:50:25.506Z',
          input: 's3://local/uploads/local/67e8c278/reviews.csv',
        }),
      },
    },
    errors: ['invalid_request', 'payload_too_large'],
  },
  listJobs: {
    group: 'Jobs',
    summary: 'Your jobs, newest first.',
    query: listJobsQuerySchema,
    answers: {
      200: {
        description: 'A page of them.',
        content: json(jobListSchema, { jobs: [completedJob], next: null }),
      },
    },
    errors: ['invalid_request'],
  },
  getJob: {
    group: 'Jobs',
    summary: 'State, progress and end of a job.',
    answers: {
      200: {
        description: 'The job as it stands.',
        content: json(jobViewSchema, completedJob),
      },
    },
    errors: ['job_not_found'],
  },
  cancelJob: {
    group: 'Jobs',
    summary: 'Stop a job; what is done stays readable.',
    answers: {
      200: {
        description: 'The job; `cancelled` once its workers have stopped.',
        content: json(jobViewSchema, { ...newJob, status: 'cancelling' }),
      },
    },
    errors: ['job_not_found'],
  },
  resumeJob: {
    group: 'Jobs',
    summary: 'Let a cancelled or failed job do what it has not done yet.',
    answers: {
      202: {
        description: 'The job goes on.',
        content: json(jobViewSchema, { ...newJob, resumes: 1 }),
        headers: ['Retry-After'],
      },
    },
    errors: ['job_not_found', 'job_not_finished', 'job_not_resumable', 'budget_exceeded'],
  },
  getJobResults: jobPart('results', '{"index":0,"id":"r1","label":"POSITIVE","score":0.949647}\n'),
  getJobErrors: jobPart(
    'errors',
    '{"index":1,"line":2,"offset":49,"id":"r2","error":{"code":"invalid_row","detail":"a text may not be empty or blank"}}\n',
  ),
  getCosts: {
    group: 'Routing and cost',
    summary: 'What your own work cost, and what a month of it costs elsewhere.',
    query: costsQuerySchema,
    answers: {
      200: {
        description: 'Exact sums of the ledger.',
        content: json(costsViewSchema, {
          from: '2026-10-25T13:35:25.228Z',
          to: '2026-11-24T13:35:25.228Z',
          usd: '0.000004193833',
          basis: 'estimate of what AWS would have charged; nothing was metered',
          requests: 1,
          jobs: 0,
          attempts: 0,
          escalations: 0,
          unpriced: [],
          items: 1,
          tokens: 7,
          by_kind: [{ name: 'useful', usd: '0.000004193833' }],
          by_lane: [{ name: 'cpu', usd: '0.000004193833' }],
          by_model: [{ name: 'sst2-minilm', usd: '0.000004193833' }],
          by_item: [{ name: 'api-gateway rest-requests', usd: '0.000004193833' }],
          by_day: [{ name: '2026-11-24', usd: '0.000004193833' }],
          month: null,
          warm_ups: { count: 0, usd: '0' },
        }),
      },
    },
    errors: ['invalid_request', 'object_not_found'],
  },
} satisfies Partial<Record<Operation, RouteDescription>>;

function jobPart(part: 'results' | 'errors', example: string): RouteDescription {
  const schema = part === 'results' ? 'ResultLine' : 'ErrorLine';
  return {
    group: 'Jobs',
    summary: `The ${part} of a job, a line of JSON per row.`,
    description:
      'Above `result_bytes` of `GET /limits` a redirect to a link, so use `curl -L`. Before the end ' +
      '`?partial=true` gives what is done.',
    query: jobPartQuerySchema,
    answers: {
      200: {
        description: 'Lines in input order; the header says whether more will follow.',
        content: {
          type: 'application/jsonl',
          text: `JSONL: each line is a ${schema}. Rows of OpenAI batch files have the shape of its batch output instead.`,
          example,
        },
        headers: ['X-Switchyard-Complete'],
      },
      303: {
        description: 'They are behind this link, for a while.',
        headers: ['Location', 'X-Switchyard-Complete'],
      },
    },
    errors: [
      'invalid_request',
      'job_not_found',
      'object_not_found',
      'job_not_finished',
      'job_failed',
    ],
  };
}
