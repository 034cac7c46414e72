import type { RouteEvent } from './handler.ts';

/**
 * What stands before our paths in the client's URL: a stage, or the base path of a custom domain.
 * Counted from the route, since API Gateway puts the base path into `event.path` too.
 */
export function pathPrefix(event: RouteEvent): string {
  const ownSegments = event.resource.split('/').length - 1;
  const whole = (event.requestContext.path ?? '').replace(/\/+$/, '');
  return whole.split('/').slice(0, -ownSegments).join('/');
}
