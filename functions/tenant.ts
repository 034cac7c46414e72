import { DEFAULT_TENANT, tenantSchema } from '#core/contract/tenant.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from './handler.ts';

/**
 * Whose jobs a request may see: the authorizer's word, else the subject of a verified token, else the
 * AWS principal that signed; `local` where nothing tells callers apart. It becomes part of object keys:
 * throws `forbidden` for a name that would be more than one segment of one.
 */
export function tenantOf(event: RouteEvent): string {
  const name = callerOf(event) ?? DEFAULT_TENANT;
  if (isTenant(name)) return name;
  throw noTenant();
}

export function isTenant(name: string | undefined): boolean {
  return tenantSchema.safeParse(name).success;
}

/** The answer to a caller whose name would be more than one segment of a key. */
export function noTenant(): SwitchyardError {
  return new SwitchyardError(
    'forbidden',
    'the name of this caller can be no tenant: use 1–64 letters, digits, "-", "_" and ".", no "." first',
  );
}

/** Who called, by whoever checked it; undefined where nobody did. */
export function callerOf(event: {
  readonly requestContext: Partial<Pick<RouteEvent['requestContext'], 'authorizer' | 'identity'>>;
}): string | undefined {
  const { authorizer, identity } = event.requestContext;
  const claims: unknown = authorizer?.['claims'];
  const subject = isRecord(claims) ? claims['sub'] : undefined;
  // An assumed role is `<role id>:<session>`: all its sessions are one tenant.
  const principal = identity?.user?.split(':')[0];
  const names = [authorizer?.['tenant'], subject, principal];
  return names.find(isName);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
