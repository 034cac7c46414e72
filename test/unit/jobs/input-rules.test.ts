import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tenantSchema } from '#core/contract/tenant.ts';
import { inputGrantsSchema } from '#core/deployment/input-grants.ts';
import {
  foreignInput,
  type InputRules,
  inboxOf,
  internalFolders,
  isGrantablePrefix,
  mayReadInput,
  uploadsOf,
} from '#core/jobs/input-rules.ts';
import { isObjectKey } from '#core/object-keys.ts';

const granted = (grants: Partial<Extract<InputRules, { kind: 'granted' }>> = {}): InputRules => ({
  kind: 'granted',
  sharedPrefixes: [],
  tenantPrefixes: {},
  ...grants,
});
const mayRead = (tenant: string, name: string, rules = granted()) =>
  mayReadInput(rules, { tenant, name });

const tenants = fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/);
/** What attackers write and what files are called. */
const segments = fc.oneof(
  fc.constantFrom('..', '.', '', 'uploads', 'outbox', 'inbox', 'jobs', 'acme', 'acme2', 'ACME'),
  fc.constantFrom('%2e%2e', '..%2f', '%2F', '%00', '\0', '\\', '*', '?', '//', ' ', 'ä', '\u202e'),
  fc.string({ maxLength: 8 }),
);
const names = fc
  .tuple(fc.array(segments, { minLength: 1, maxLength: 6 }), fc.constantFrom('', '/'))
  .map(([parts, end]) => parts.join('/') + end);

test('of all names below its own places a tenant may read those that are keys', () => {
  fc.assert(
    fc.property(tenants, names, fc.boolean(), (tenant, rest, isUpload) => {
      const name = (isUpload ? uploadsOf(tenant) : inboxOf(tenant)) + rest;
      assert.equal(mayRead(tenant, name), isObjectKey(name.replace(/\/$/, '')));
    }),
    { numRuns: 1_000 },
  );
});

test('what a tenant may read lies below its own places, whatever name is made up', () => {
  const anywhere = fc.oneof(
    names,
    fc.tuple(tenants, names).map(([at, rest]) => `uploads/${at}/${rest}`),
  );
  fc.assert(
    fc.property(tenants, anywhere, (tenant, name) => {
      const isOwn = [uploadsOf(tenant), inboxOf(tenant)].some((prefix) => name.startsWith(prefix));
      assert.ok(isOwn || !mayRead(tenant, name));
    }),
    { numRuns: 2_000 },
  );
});

test('whatever lies below another tenant’s places is refused, whatever the two are called', () => {
  fc.assert(
    fc.property(tenants, tenants, names, (owner, other, rest) => {
      fc.pre(owner !== other);
      for (const place of [uploadsOf(owner), inboxOf(owner)]) {
        assert.equal(mayRead(other, place + rest), false);
        assert.equal(mayRead(other, place), false);
      }
    }),
  );
});

test('names that begin alike, other cases and parents are other names', () => {
  const refused: [tenant: string, name: string][] = [
    ['acme', 'uploads/acme2/1/a.csv'],
    ['acme', 'uploads/acme'],
    ['acme', 'uploads/acm'],
    ['acme', 'uploads/'],
    ['acme', 'uploads/ACME/1/a.csv'],
    ['acme', 'Uploads/acme/1/a.csv'],
    ['acme', 'uploads/acme/../other/1/a.csv'],
    ['acme', 'uploads/acme/./a.csv'],
    ['acme', 'uploads//acme/a.csv'],
    ['acme', 'uploads/acme//a.csv'],
    ['acme', '/uploads/acme/a.csv'],
    ['acme', 'uploads%2Facme/a.csv'],
    ['acme', 'uploads/%61cme/a.csv'],
    ['acme', 'inbox/sst2-minilm/a.csv'],
    ['acme', 'outbox/sst2-minilm/a.csv/results.jsonl'],
    ['acme', 'outbox/'],
    ['local', 'outbox/sst2-minilm/a.csv/results.jsonl'],
    ['local', 'inboxes/acme/sst2-minilm/a.csv'],
    ['..', 'uploads/../a.csv'],
    ['', 'uploads//a.csv'],
    ['acme/x', 'uploads/acme/x/a.csv'],
    ['acme', ''],
    ['acme', '/'],
  ];
  for (const [tenant, name] of refused) {
    assert.equal(mayRead(tenant, name), false, `${tenant} ${name}`);
  }
  const allowed: [tenant: string, name: string][] = [
    ['acme', 'uploads/acme/1/a.csv'],
    ['acme', 'uploads/acme/1/'],
    ['acme', 'uploads/acme/1/ä%2F+ b.csv'],
    ['acme', 'inboxes/acme/sst2-minilm/a.csv'],
    ['local', 'inbox/sst2-minilm/a.csv'],
    ['local', 'uploads/local/1/a.csv'],
  ];
  for (const [tenant, name] of allowed) assert.ok(mayRead(tenant, name), `${tenant} ${name}`);
});

test('a grant opens what lies below it to whom it names, and nothing above or beside it', () => {
  const rules = granted({
    sharedPrefixes: ['lake/public/'],
    tenantPrefixes: { acme: ['lake/acme/'], constructor: ['lake/builders/'] },
  });

  for (const tenant of ['acme', 'other', 'local', 'constructor', 'toString']) {
    assert.ok(mayRead(tenant, 'lake/public/a.csv', rules));
    assert.ok(mayRead(tenant, 'lake/public/', rules));
    assert.equal(mayRead(tenant, 'lake/', rules), false);
    assert.equal(mayRead(tenant, 'lake/publicity/a.csv', rules), false);
    assert.equal(mayRead(tenant, 'lake/acme/a.csv', rules), tenant === 'acme');
    assert.equal(mayRead(tenant, 'lake/builders/a.csv', rules), tenant === 'constructor');
  }
});

test('what jobs, keys and the ledger keep, and what tenants keep apart, no grant opens', () => {
  const closed = [...internalFolders, 'uploads', 'inboxes', 'outbox', 'outboxes', 'JOBS', 'Outbox'];
  for (const folder of closed) {
    assert.equal(isGrantablePrefix(`${folder}/`), false, folder);
    assert.equal(isGrantablePrefix(`${folder}/deeper/`), false, folder);
    const rules = granted({
      sharedPrefixes: [`${folder}/`],
      tenantPrefixes: { acme: [`${folder}/`] },
    });
    assert.equal(mayRead('acme', `${folder}/a.csv`, rules), false, folder);
    const parsed = inputGrantsSchema.safeParse({ sharedPrefixes: [`${folder}/`] });
    assert.equal(parsed.success, false, folder);
  }
});

test('a grant is a folder of plain characters: no bucket, no wildcard, no parent', () => {
  const wrong = [
    '',
    '/',
    'lake',
    '/lake/',
    'lake//x/',
    '../',
    'lake/../',
    'l*/',
    'l?/',
    '$x/',
    'ä/',
  ];
  for (const prefix of wrong) {
    assert.equal(inputGrantsSchema.safeParse({ sharedPrefixes: [prefix] }).success, false, prefix);
  }
  const many = Array.from({ length: 33 }, (_, at) => `lake/${at}/`);
  assert.match(String(inputGrantsSchema.safeParse({ sharedPrefixes: many }).error), /at most 32/);
  const long = Array.from({ length: 10 }, (_, at) => `${'x'.repeat(180)}/${at}/`);
  assert.match(String(inputGrantsSchema.safeParse({ sharedPrefixes: long }).error), /1500 bytes/);
  assert.ok(inputGrantsSchema.safeParse({ sharedPrefixes: ['lake/date=2026-01-01/'] }).success);
  assert.equal(inputGrantsSchema.safeParse({ tenantPrefixes: { '../x': ['a/'] } }).success, false);
});

test('on one machine everything in the bucket is the caller’s', () => {
  fc.assert(
    fc.property(names, (name) => mayReadInput({ kind: 'everything' }, { tenant: 'local', name })),
  );
});

test('a refusal names where inputs may lie and what to do, and never what was asked for', () => {
  const rules = granted({ sharedPrefixes: ['lake/'] });
  const error = foreignInput(rules, { tenant: 'acme', bucketName: 'data' });

  assert.equal(error.status, 403);
  const places = 's3://data/uploads/acme/, s3://data/inboxes/acme/, s3://data/lake/';
  assert.ok(error.detail.includes(places), error.detail);
  assert.match(error.detail, /POST \/uploads.*setting "inputs"/);
});

test('a tenant is one segment of a key that can be no parent', () => {
  for (const name of ['', '.', '..', '.a', 'a/b', 'a%2fb', 'a b', 'ä', 'a\n', 'x'.repeat(65)]) {
    assert.equal(tenantSchema.safeParse(name).success, false, name);
  }
});
