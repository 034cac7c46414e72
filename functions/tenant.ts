import type { RouteEvent } from './handler.ts';

/** Whose jobs a request may see: the authorizer's word, `local` where there is no authorizer. */
export function tenantOf(event: RouteEvent): string {
  const tenant: unknown = event.requestContext.authorizer?.['tenant'];
  return typeof tenant === 'string' && tenant !== '' ? tenant : 'local';
}
