import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { apiKeyRecords, isApiKey } from '#core/deployment/api-key.ts';
import type { UsageKeys } from '#core/ports/usage-keys.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '#work/deployment/api-keys.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

/** Keys of a gateway that counts nothing. */
function memoryUsageKeys(): UsageKeys & { readonly known: Map<string, string> } {
  const known = new Map<string, string>();
  return {
    known,
    add: async ({ value, plan }) => {
      const id = `id-${known.size}`;
      known.set(id, `${value} on ${plan}`);
      return id;
    },
    remove: async (id) => {
      known.delete(id);
    },
  };
}

function openKeys() {
  const usageKeys = memoryUsageKeys();
  const objectStore = createMemoryObjectStore();
  let now = Date.parse('2026-03-01T00:00:00Z');
  const ports = { objectStore, usageKeys, clock: { epochMillis: () => (now += 1_000) } };
  let drawn = 0;
  const create = (name: string) =>
    createApiKey(ports, {
      random: createHash('sha256').update(`${drawn++}`).digest(),
      name,
      tenant: 'acme',
      scopes: ['predict'],
      plan: 'plan1',
    });
  return { ports, objectStore, usageKeys, create };
}

test('a new key is recorded by its SHA-256 alone and counted under it', async () => {
  const { objectStore, usageKeys, create } = openKeys();

  const { key, shown } = await create('billing');

  assert.ok(isApiKey(key));
  const sha256 = createHash('sha256').update(key).digest('hex');
  assert.ok(sha256.startsWith(shown.id));
  assert.deepEqual([...usageKeys.known.values()], [`${sha256} on plan1`]);
  const record = Buffer.from((await objectStore.read(apiKeyRecords.key(sha256))) ?? []).toString();
  assert.doesNotMatch(record, new RegExp(key));
  assert.equal(JSON.parse(record).tenant, 'acme');
});

test('keys are listed oldest first, without what opens', async () => {
  const { ports, objectStore, create } = openKeys();
  const made = [await create('one'), await create('two'), await create('three')];
  await objectStore.put(apiKeyRecords.key('f'.repeat(64)), Buffer.from('{'));

  const listed = await listApiKeys(ports);

  assert.deepEqual(
    listed,
    made.map(({ shown }) => shown),
  );
});

test('a key is revoked by its id, by the start of it, or by itself', async () => {
  const { ports, usageKeys, create } = openKeys();
  const [first, second, third] = [await create('a'), await create('b'), await create('c')];

  await revokeApiKey(ports, first.shown.id);
  await revokeApiKey(ports, second.shown.id.slice(0, 8));
  await revokeApiKey(ports, third.key);

  assert.deepEqual(await listApiKeys(ports), []);
  assert.equal(usageKeys.known.size, 0);
  await assert.rejects(revokeApiKey(ports, first.shown.id), { code: 'object_not_found' });
});

test('what names no key or several is refused, and nothing is revoked', async () => {
  const { ports, objectStore, create } = openKeys();
  const { shown } = await create('a');
  const record = await objectStore.read(apiKeyRecords.key(shown.id)).catch(() => undefined);
  assert.equal(record, undefined);
  await objectStore.put(apiKeyRecords.key(`${shown.id}${'0'.repeat(48)}`), Buffer.from('{}'));

  for (const id of ['', 'abc', '../jobs', 'acme']) {
    await assert.rejects(revokeApiKey(ports, id), { code: 'invalid_request' }, id);
  }
  await assert.rejects(revokeApiKey(ports, shown.id), {
    code: 'invalid_request',
    detail: /2 keys/,
  });
  assert.equal((await listApiKeys(ports)).length, 1);
});

test('a crash before the record leaves a key that opens nothing and is not listed', async () => {
  const { ports, objectStore } = openKeys();
  const crash = { ...objectStore, put: () => Promise.reject(new Error('crash')) };
  const wanted = {
    random: Buffer.alloc(32),
    name: 'a',
    tenant: 'acme',
    scopes: ['admin'] as const,
    plan: 'plan1',
  };

  await assert.rejects(createApiKey({ ...ports, objectStore: crash }, wanted), /crash/);

  assert.deepEqual(await listApiKeys(ports), []);
});
