/**
 * Every error a caller or a row may see, with its HTTP status and whether the same call can succeed
 * later. Closed list: documents, clients and alarms rely on it.
 */
export const errorCodes = {
  // The request
  invalid_request: { status: 400, title: 'The request is not valid', retryable: false },
  invalid_key: { status: 400, title: 'The object key is not allowed', retryable: false },
  unauthenticated: { status: 401, title: 'A key is needed', retryable: false },
  forbidden: { status: 403, title: 'Not allowed', retryable: false },
  not_found: { status: 404, title: 'No such route', retryable: false },
  model_not_found: { status: 404, title: 'No such model', retryable: false },
  job_not_found: { status: 404, title: 'No such job', retryable: false },
  state_not_found: { status: 404, title: 'No such router state', retryable: false },
  object_not_found: { status: 404, title: 'No such object', retryable: false },
  method_not_allowed: { status: 405, title: 'The route has other methods', retryable: false },
  job_not_finished: { status: 409, title: 'The job has not finished', retryable: true },
  job_not_resumable: { status: 409, title: 'The job cannot be resumed', retryable: false },
  job_failed: { status: 409, title: 'The job failed', retryable: false },
  object_changed: { status: 409, title: 'The object is not the pinned version', retryable: false },
  lane_unavailable: { status: 409, title: 'The lane cannot serve this', retryable: false },
  deadline_infeasible: { status: 409, title: 'The deadline cannot be met', retryable: false },
  price_limit_exceeded: { status: 409, title: 'It would cost more than allowed', retryable: false },
  payload_too_large: { status: 413, title: 'The body is too large', retryable: false },
  too_many_items: { status: 413, title: 'Too many items for one answer', retryable: false },
  range_not_satisfiable: { status: 416, title: 'No such range', retryable: false },
  unprocessable_input: { status: 422, title: 'The input cannot be processed', retryable: false },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    retryable: false,
  },
  budget_exceeded: { status: 429, title: 'The budget is used up', retryable: true },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  client_closed_request: { status: 499, title: 'The client went away', retryable: false },
  // The service
  internal: { status: 500, title: 'Internal error', retryable: true },
  invalid_metric: { status: 500, title: 'A metric is not valid', retryable: false },
  unknown_price: { status: 500, title: 'A price is not known', retryable: false },
  invalid_setting: { status: 500, title: 'A setting is not valid', retryable: false },
  corrupt_object: { status: 500, title: 'A stored object is damaged', retryable: false },
  newer_version: { status: 500, title: 'A newer version wrote this', retryable: false },
  model_invalid: { status: 503, title: 'The model bundle is not valid', retryable: false },
  provider_unavailable: { status: 503, title: 'No such execution provider', retryable: false },
  worker_failed: { status: 503, title: 'The workers failed', retryable: true },
  not_ready: { status: 503, title: 'Not ready', retryable: true },
  overloaded: { status: 503, title: 'Too much work is waiting', retryable: true },
  timed_out: { status: 504, title: 'The answer took too long', retryable: true },
  // A row of a job, or the options of a dropped file
  invalid_json: { status: 400, title: 'It is not valid JSON', retryable: false },
  invalid_utf8: { status: 400, title: 'It is not valid UTF-8', retryable: false },
  invalid_row: { status: 400, title: 'The row is not valid', retryable: false },
  line_too_long: { status: 413, title: 'The line is too long', retryable: false },
  invalid_rows: { status: 400, title: 'The input has invalid rows', retryable: false },
  unsupported_format: { status: 400, title: 'The file format is not supported', retryable: false },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCodes;

interface ErrorKind {
  readonly status: number;
  /** Stable text for one code; what happened this time is in the error's detail. */
  readonly title: string;
  readonly retryable: boolean;
}
