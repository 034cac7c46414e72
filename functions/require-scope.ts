import type { Scope } from '#core/contract/scope.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent } from './handler.ts';

/**
 * Throws `forbidden` where the caller's key lacks the scope. Without an authorizer that tells scopes
 * (one machine, signatures of AWS) whoever reached the route may do what it does.
 */
export function requireScope(event: RouteEvent, scope: Scope): void {
  const scopes: unknown = event.requestContext.authorizer?.['scopes'];
  if (typeof scopes !== 'string') return;
  const granted = scopes.split(' ');
  if (granted.includes(scope) || granted.includes('admin')) return;
  throw new SwitchyardError(
    'forbidden',
    `this key has no scope ${scope}; ask for one made with --scopes ${scope}`,
    { members: { scope } },
  );
}
