import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type Operation, routes } from '#core/contract/routes.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { composeRoute, type Handler, type RouteContext, type RouteEvent } from '../handler.ts';
import { standardMiddleware } from '../middleware/standard-middleware.ts';
import { callerOf, isTenant, noTenant } from '../tenant.ts';
import { allowOrigin } from './allow-origin.ts';

type StandardDependencies = Parameters<typeof standardMiddleware>[0];

/**
 * Answers REST events by the handlers of this function. The route is the event's `resource`, which
 * API Gateway matched; a route that this function has no handler for is a fault of the stacks and
 * answered as `not_found`. So is a call without a caller, as `unauthenticated`, where the route is not open.
 */
export function createRestAnswerer(
  handlers: Readonly<Partial<Record<Operation, Handler>>>,
  deps: StandardDependencies & { readonly corsOrigins: readonly string[] },
): (event: APIGatewayProxyEvent, context: RouteContext) => Promise<APIGatewayProxyResult> {
  const table = new Map<string, Handler>();
  const open = new Set<string>();
  for (const { operation, method, path, scope } of routes) {
    const handler = handlers[operation];
    if (handler !== undefined) table.set(`${method} ${path}`, handler);
    if (scope === 'open') open.add(`${method} ${path}`);
  }
  const unknown = composeRoute(standardMiddleware(deps), () =>
    Promise.reject(
      new SwitchyardError('not_found', 'there is no such route; GET /docs lists them'),
    ),
  );
  const nobody = composeRoute(standardMiddleware(deps), (event) => Promise.reject(refusal(event)));
  return async (event, context) => {
    const route = `${event.httpMethod} ${event.resource}`;
    // One machine has one tenant; here a caller without a name would be given that one's jobs.
    const isKnown = open.has(route) || isTenant(callerOf(event));
    const handler = isKnown ? (table.get(route) ?? unknown) : nobody;
    return allowOrigin(event, await handler(event, context), deps.corsOrigins);
  };
}

function refusal(event: RouteEvent): SwitchyardError {
  if (callerOf(event) !== undefined) return noTenant();
  const detail = 'nobody says who calls; the method of the API must have an authorizer';
  return new SwitchyardError('unauthenticated', detail);
}
