import type { RouteMiddleware } from '../handler.ts';
import type { InferenceDependencies } from '../handler-dependencies.ts';
import { accessLog } from './access-log.ts';
import { problemResponse } from './problem-response.ts';
import { requestId } from './request-id.ts';

/**
 * What every route has, outermost first. Answers pass the list backwards: an error becomes a
 * problem, the log line has its status, and the id goes onto what is sent.
 */
export function standardMiddleware(
  deps: Pick<InferenceDependencies, 'log' | 'clock'>,
): readonly RouteMiddleware[] {
  return [requestId(), accessLog(deps), problemResponse(deps.log)];
}
