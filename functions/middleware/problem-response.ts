import type { APIGatewayProxyResult } from 'aws-lambda';
import { problemDocument } from '#core/contract/problem.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteMiddleware } from '../handler.ts';
import type { Log } from '../handler-dependencies.ts';
import { shownRequestId } from './request-id.ts';

/** Turns whatever was thrown into a problem document; a bug is logged whole and told as `internal`. */
export function problemResponse(log: Log): RouteMiddleware {
  return {
    onError: (request) => {
      const requestId = shownRequestId(request.event);
      request.response = problemAnswer(request.error, { requestId, log });
    },
  };
}

/** The answer to an error, for places that have no middleware around them. */
export function problemAnswer(
  thrown: unknown,
  options: { readonly requestId: string; readonly log: Log },
): APIGatewayProxyResult {
  const error = asSwitchyardError(thrown);
  if (error.status >= 500 && (error.cause !== undefined || !error.retryable)) {
    options.log({ level: 'error', request_id: options.requestId, error: whole(error) });
  }
  return {
    statusCode: error.status,
    headers: problemHeaders(error),
    body: JSON.stringify(problemDocument(error, options.requestId)),
    isBase64Encoded: false,
  };
}

function asSwitchyardError(thrown: unknown): SwitchyardError {
  if (thrown instanceof SwitchyardError) return thrown;
  const detail = 'something went wrong here; send the request id with your report';
  return new SwitchyardError('internal', detail, { cause: thrown ?? 'nothing was thrown' });
}

/** Whoever must wait longer is not to wait in a loop. */
const SOON_SECONDS = 60;

function problemHeaders(error: SwitchyardError): Record<string, string> {
  // OpenAI's SDKs repeat 409, 429 and 5xx twice within seconds unless this header says no.
  const { allow } = error.members;
  const isRepeated = [409, 429].includes(error.status) || error.status >= 500;
  const isSoon = (error.retryAfterSeconds ?? 0) <= SOON_SECONDS;
  return {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(error.retryAfterSeconds === undefined
      ? {}
      : { 'retry-after': String(error.retryAfterSeconds) }),
    ...(Array.isArray(allow) ? { allow: allow.join(', ') } : {}),
    ...(isRepeated && !(error.retryable && isSoon) ? { 'x-should-retry': 'false' } : {}),
  };
}

/** Name, message and stack of an error and of the errors behind it, as JSON can hold them. */
function whole(thrown: unknown, depth = 0): unknown {
  if (!(thrown instanceof Error)) return String(thrown);
  const { name, message, stack, cause } = thrown;
  const behind = cause === undefined || depth === 5 ? {} : { cause: whole(cause, depth + 1) };
  return { name, message, stack, ...behind };
}
