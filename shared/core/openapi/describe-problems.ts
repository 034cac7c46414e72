import { problemDocument } from '../contract/problem.ts';
import { problemSchema } from '../contract/problem-schema.ts';
import { type ErrorCode, errorCodes } from '../error-codes.ts';
import { SwitchyardError } from '../switchyard-error.ts';
import { answerFacts } from './examples.ts';
import { answerRef } from './json-schemas.ts';
import type { ResponseObject } from './response-object.ts';

/** What any route may answer, of the deployment, its platform or its load. */
const commonErrors: readonly ErrorCode[] = [
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'internal',
  'overloaded',
  'timed_out',
];

/** What was wrong, in examples; a code without one shows its title. */
const exampleDetails: Partial<Record<ErrorCode, string>> = {
  invalid_request: '`text` is missing',
  model_not_found: 'no such model; there are: minilm-embed, sst2-minilm',
  payload_too_large:
    'a body may have 4194304 bytes; put the items into a file and send POST /jobs with its address as "input"',
  too_many_items:
    '33 items; one answer holds 32. Split the request, or send it again with "Prefer: respond-async" (or a lane) to have it run as a job.',
  job_not_found: 'there is no job of this id',
  job_not_finished: 'the job is running; ask again once it is completed, or with "?partial=true"',
  unauthenticated: 'send Authorization: Bearer <key>; switchyard keys create makes one',
  rate_limited: 'too many requests at once; slow down, or put the texts into one job',
  overloaded: 'too many requests at a time; try again',
};

/** The problems of a route by status. */
export function problemResponses(
  errors: readonly ErrorCode[],
): ReadonlyMap<number, ResponseObject> {
  const byStatus = Map.groupBy(
    new Set([...errors, ...commonErrors]),
    (code) => errorCodes[code].status,
  );
  return new Map(
    [...byStatus]
      .sort(([left], [right]) => left - right)
      .map(([status, codes]) => [status, problemResponse(codes)]),
  );
}

function problemResponse(codes: readonly ErrorCode[]): ResponseObject {
  const isRetryable = codes.some((code) => errorCodes[code].retryable);
  return {
    description: codes.map((code) => `\`${code}\`: ${errorCodes[code].title}.`).join(' '),
    ...(isRetryable
      ? { headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } }
      : {}),
    content: {
      'application/problem+json': {
        schema: answerRef(problemSchema),
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  };
}

/** A problem of every code. */
export function problemExamples() {
  return Object.fromEntries(
    (Object.keys(errorCodes) as ErrorCode[]).map((code) => {
      const detail = exampleDetails[code] ?? errorCodes[code].title;
      const error = new SwitchyardError(code, detail);
      return [code, { value: problemDocument(error, answerFacts.request_id) }];
    }),
  );
}
