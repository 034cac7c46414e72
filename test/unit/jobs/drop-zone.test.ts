import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dropPlaceOf } from '#core/jobs/drop-zone.ts';
import { inboxOf, mayReadInput } from '#core/jobs/input-rules.ts';

const tenants = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/);
const names = fc.stringMatching(/^[a-z0-9][a-z0-9 %+-]{0,8}(\/[a-z0-9]{1,4}){0,2}$/);

test('a file in a tenant’s zone is that tenant’s, and its results lie apart from every other’s', () => {
  fc.assert(
    fc.property(tenants, tenants, names, (tenant, other, name) => {
      fc.pre(tenant !== other);
      const place = dropPlaceOf(`bucket/${inboxOf(tenant)}sst2-minilm/${name}`);
      const beside = dropPlaceOf(`bucket/${inboxOf(other)}sst2-minilm/${name}`);

      assert.deepEqual([place?.tenant, place?.model, place?.name], [tenant, 'sst2-minilm', name]);
      assert.notEqual(place?.outputPrefix, beside?.outputPrefix);
      const [own, theirs] = [place?.outputPrefix ?? '', beside?.outputPrefix ?? ''];
      assert.ok(!own.startsWith(theirs) && !theirs.startsWith(own));
    }),
  );
});

test('whose drop it is and who may name it as input agree', () => {
  const rules = { kind: 'granted', sharedPrefixes: [], tenantPrefixes: {} } as const;
  const keys = fc.oneof(
    fc.tuple(tenants, names).map(([tenant, name]) => `${inboxOf(tenant)}m/${name}`),
    fc.tuple(tenants, names).map(([tenant, name]) => `inboxes/${tenant}/m/${name}`),
    names.map((name) => `inbox/m/${name}`),
  );
  fc.assert(
    fc.property(keys, tenants, (name, other) => {
      const tenant = dropPlaceOf(`bucket/${name}`)?.tenant;
      if (tenant === undefined) return;
      assert.ok(mayReadInput(rules, { tenant, name }), name);
      if (other !== tenant) assert.equal(mayReadInput(rules, { tenant: other, name }), false);
    }),
  );
});

test('each zone has its outbox', () => {
  const prefixOf = (key: string) => dropPlaceOf(key)?.outputPrefix;

  assert.equal(prefixOf('bucket/inbox/m/a.csv'), 'bucket/outbox/m/a.csv/');
  assert.equal(prefixOf('bucket/inboxes/acme/m/d/a.csv'), 'bucket/outboxes/acme/m/d/a.csv/');
});

test('what lies elsewhere, is hidden, unfinished or no input is no drop', () => {
  const others = [
    'bucket/inboxes/local/m/a.csv',
    'bucket/inboxes/acme/a.csv',
    'bucket/inboxes/.acme/m/a.csv',
    'bucket/inboxes/a b/m/a.csv',
    'bucket/inboxes//m/a.csv',
    'bucket/inboxes/acme/m/',
    'bucket/inboxes/acme/m/a.csv.partial',
    'bucket/inboxes/acme/m/_options.json',
    'bucket/inboxes/acme/.m/a.csv',
    'bucket/outboxes/acme/m/a.csv/results.jsonl',
    'bucket/inboxesacme/m/a.csv',
    'work/inbox/m/a.csv',
    'bucket/inbox/a.csv',
  ];
  for (const key of others) assert.equal(dropPlaceOf(key), undefined, key);
});
