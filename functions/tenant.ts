import { DEFAULT_TENANT } from '#core/contract/tenant.ts';
import type { RouteEvent } from './handler.ts';

/**
 * Whose jobs a request may see: the authorizer's word, else the subject of a verified token, else the
 * AWS principal that signed; `local` where nothing tells callers apart.
 */
export function tenantOf(event: RouteEvent): string {
  const { authorizer, identity } = event.requestContext;
  const claims: unknown = authorizer?.['claims'];
  const subject = isRecord(claims) ? claims['sub'] : undefined;
  // An assumed role is `<role id>:<session>`: all its sessions are one tenant.
  const principal = identity?.user?.split(':')[0];
  const names = [authorizer?.['tenant'], subject, principal];
  return names.find(isName) ?? DEFAULT_TENANT;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
