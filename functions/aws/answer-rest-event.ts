import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type Operation, routes } from '#core/contract/routes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { composeRoute, type Handler, type RouteContext } from '../handler.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { allowOrigin } from './allow-origin.ts';

type StandardDependencies = Parameters<typeof standardMiddleware>[0];

/**
 * Answers REST events by the handlers of this function. The route is the event's `resource`, which
 * API Gateway matched; a route that this function has no handler for is a fault of the stacks and
 * answered as `not_found`.
 */
export function createRestAnswerer(
  handlers: Readonly<Partial<Record<Operation, Handler>>>,
  deps: StandardDependencies & { readonly corsOrigins: readonly string[] },
): (event: APIGatewayProxyEvent, context: RouteContext) => Promise<APIGatewayProxyResult> {
  const table = new Map<string, Handler>();
  for (const { operation, method, path } of routes) {
    const handler = handlers[operation];
    if (handler !== undefined) table.set(`${method} ${path}`, handler);
  }
  const unknown = composeRoute(standardMiddleware(deps), () =>
    Promise.reject(
      new SwitchyardError('not_found', 'there is no such route; GET /docs lists them'),
    ),
  );
  return async (event, context) => {
    const handler = table.get(`${event.httpMethod} ${event.resource}`) ?? unknown;
    return allowOrigin(event, await handler(event, context), deps.corsOrigins);
  };
}
