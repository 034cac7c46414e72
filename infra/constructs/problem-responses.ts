import { ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import { type ErrorCode, errorCodes } from '#core/error-codes.ts';

interface EdgeProblem {
  readonly type: ResponseType;
  readonly code: ErrorCode;
  readonly detail: string;
  /**
   * Status of the answer, where it is not the code's own.
   *
   * @default - the code's
   */
  readonly status?: number;
  /**
   * Seconds after which a client may try again.
   *
   * @default - the answer does not say
   */
  readonly retryAfterSeconds?: number;
}

const edgeProblems: readonly EdgeProblem[] = [
  {
    type: ResponseType.UNAUTHORIZED,
    code: 'unauthenticated',
    detail: 'send Authorization: Bearer <key>; switchyard keys create makes one',
  },
  {
    type: ResponseType.ACCESS_DENIED,
    code: 'forbidden',
    detail: 'this key may not do that; ask for one with the scope of the route',
  },
  {
    type: ResponseType.INVALID_API_KEY,
    code: 'forbidden',
    detail: 'the key belongs to no usage plan; make it again with switchyard keys create',
  },
  {
    type: ResponseType.INVALID_SIGNATURE,
    code: 'forbidden',
    detail: 'the signature does not match; check the credentials and the clock',
  },
  {
    type: ResponseType.EXPIRED_TOKEN,
    code: 'forbidden',
    detail: 'the token has expired; get a new one',
  },
  // API Gateway says 403 to a path that it does not know; everywhere else this service says 404.
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    code: 'not_found',
    detail: 'no such route or method; GET /docs lists them',
  },
  { type: ResponseType.RESOURCE_NOT_FOUND, code: 'not_found', detail: 'no such route' },
  {
    type: ResponseType.BAD_REQUEST_BODY,
    code: 'invalid_request',
    detail:
      'the body is malformed JSON or not what this route takes; GET /docs shows what it takes',
  },
  {
    type: ResponseType.BAD_REQUEST_PARAMETERS,
    code: 'invalid_request',
    detail: 'a parameter is missing; GET /docs lists them',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    code: 'payload_too_large',
    detail: 'the limit is 4194304 bytes; upload a file and name it in POST /jobs',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    code: 'invalid_request',
    detail: 'send JSON',
  },
  {
    type: ResponseType.THROTTLED,
    code: 'rate_limited',
    detail: 'too many requests at once; slow down, or put the texts into one job',
    retryAfterSeconds: 1,
  },
  {
    type: ResponseType.QUOTA_EXCEEDED,
    code: 'rate_limited',
    detail: 'the quota of this key for the month is used up',
    retryAfterSeconds: 86_400,
  },
  {
    type: ResponseType.WAF_FILTERED,
    code: 'forbidden',
    detail: 'the firewall refused the request',
  },
  {
    type: ResponseType.AUTHORIZER_FAILURE,
    code: 'internal',
    detail: 'the key could not be checked; try again',
  },
  {
    type: ResponseType.AUTHORIZER_CONFIGURATION_ERROR,
    code: 'internal',
    detail: 'the key could not be checked; try again',
  },
  {
    type: ResponseType.INTEGRATION_TIMEOUT,
    code: 'timed_out',
    detail: 'no answer within 29 s; send fewer texts or make a job of them',
  },
  {
    type: ResponseType.INTEGRATION_FAILURE,
    code: 'overloaded',
    status: 503,
    detail: 'the function could not take the call; try again',
    retryAfterSeconds: 1,
  },
  {
    type: ResponseType.DEFAULT_4XX,
    code: 'invalid_request',
    detail: 'the request was refused before it reached the service',
  },
  {
    type: ResponseType.DEFAULT_5XX,
    code: 'internal',
    detail: 'the request failed before it reached the service; try again',
  },
];

/**
 * What API Gateway answers by itself, in the same problem document as the handlers'. Each has its
 * status as a literal: `$context.status` is not filled in everywhere.
 */
export function addProblemResponses(api: RestApi, corsOrigins: readonly string[]): void {
  for (const problem of edgeProblems) {
    const isNet = [ResponseType.DEFAULT_4XX, ResponseType.DEFAULT_5XX].includes(problem.type);
    api.addGatewayResponse(`Problem${problem.type.responseType}`, {
      type: problem.type,
      // The nets keep the status that API Gateway chose.
      ...(isNet ? {} : { statusCode: String(statusOf(problem)) }),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        ...(problem.retryAfterSeconds === undefined
          ? {}
          : { 'Retry-After': `'${problem.retryAfterSeconds}'` }),
        ...corsHeader(corsOrigins),
      },
      templates: { 'application/json': problemTemplate(problem) },
    });
  }
}

function statusOf({ status, code }: EdgeProblem): number {
  return status ?? errorCodes[code].status;
}

/** The members of shared/core/contract/problem.ts; the request id is filled in by API Gateway. */
function problemTemplate(problem: EdgeProblem): string {
  const { title, retryable } = errorCodes[problem.code];
  const status = statusOf(problem);
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  return JSON.stringify({
    type: `urn:switchyard:problem:${problem.code}`,
    title,
    status,
    detail: problem.detail,
    code: problem.code,
    retryable,
    request_id: '$context.requestId',
    error: { message: problem.detail, type, param: null, code: problem.code },
  });
}

function corsHeader(origins: readonly string[]): Record<string, string> {
  const [origin, ...more] = origins;
  if (origin === undefined) return {};
  // A gateway response cannot choose from a list; these bodies hold nothing of the caller's.
  const value = more.length === 0 ? `'${origin}'` : 'method.request.header.Origin';
  return { 'Access-Control-Allow-Origin': value };
}
