import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteEvent } from '../../../functions/handler.ts';
import { tenantOf } from '../../../functions/tenant.ts';

function tenantIn(requestContext: object): string {
  return tenantOf({ requestContext } as RouteEvent);
}

test('the tenant of a key is the authorizer’s word', () => {
  assert.equal(tenantIn({ authorizer: { tenant: 'acme', claims: { sub: 'x' } } }), 'acme');
});

test('the tenant of a token is its subject', () => {
  const sub = '0b1f0e6c-8f1d-4a53-9a5b-2f0f4f1f9f10';

  assert.equal(tenantIn({ authorizer: { claims: { sub } } }), sub);
});

test('all sessions of a role are one tenant', () => {
  const first = tenantIn({ identity: { user: 'AROAEXAMPLE:alice' } });

  assert.equal(first, 'AROAEXAMPLE');
  assert.equal(tenantIn({ identity: { user: 'AROAEXAMPLE:bob' } }), first);
});

test('where nothing tells callers apart there is one tenant', () => {
  assert.equal(tenantIn({ identity: { user: null }, authorizer: { tenant: '' } }), 'local');
  assert.equal(tenantIn({}), 'local');
});
