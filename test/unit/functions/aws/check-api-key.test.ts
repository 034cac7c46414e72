import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import test from 'node:test';
import type { APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { routes } from '#core/contract/routes.ts';
import type { Scope } from '#core/contract/scope.ts';
import { type ApiKeyRecord, apiKeyRecords } from '#core/deployment/api-key.ts';
import { createKeyCheck } from '../../../../functions/aws/check-api-key.ts';
import { createMemoryObjectStore } from '../../../fixtures/memory-object-store.ts';

const stage = 'arn:aws:execute-api:us-east-1:000000000000:abc123/prod';
const now = Date.parse('2026-03-01T00:00:00Z');

function openCheck() {
  const objectStore = createMemoryObjectStore();
  const logged: Readonly<Record<string, unknown>>[] = [];
  const check = createKeyCheck({
    objectStore,
    clock: { epochMillis: () => now },
    log: (entry) => logged.push(entry),
  });
  const addKey = async (members: Partial<ApiKeyRecord> = {}) => {
    const key = `swy_${randomBytes(32).toString('base64url')}`;
    const sha256 = createHash('sha256').update(key).digest('hex');
    const record = {
      schema: 1,
      name: 'test',
      tenant: 'acme',
      scopes: ['predict'],
      plan: 'plan1',
      usageKeyId: 'abc',
      createdAt: '2026-01-01T00:00:00.000Z',
      expiresAt: null,
      ...members,
    };
    await objectStore.put(apiKeyRecords.key(sha256), Buffer.from(JSON.stringify(record)));
    return { key, sha256 };
  };
  return { check, objectStore, logged, addKey };
}

function requestWith(headers: Record<string, string> | null): APIGatewayRequestAuthorizerEvent {
  return {
    type: 'REQUEST',
    methodArn: `${stage}/POST/predict`,
    resource: '/predict',
    path: '/predict',
    httpMethod: 'POST',
    headers,
    multiValueHeaders: null,
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    requestContext: {} as APIGatewayRequestAuthorizerEvent['requestContext'],
  };
}

test('a good key names its tenant, its scopes and the key that usage plans count', async () => {
  const { check, addKey } = openCheck();
  const { key, sha256 } = await addKey({ scopes: ['predict', 'jobs'] });

  const answer = await check(requestWith({ authorization: `Bearer ${key}` }));

  assert.deepEqual(answer.context, { tenant: 'acme', scopes: 'predict jobs', plan: 'plan1' });
  assert.equal(answer.usageIdentifierKey, sha256);
  assert.match(answer.principalId, /^[0-9a-f]{16}$/);
});

test('the header is found and read whatever its case', async () => {
  const { check, addKey } = openCheck();
  const { key } = await addKey();
  for (const headers of [
    { AUTHORIZATION: `bearer ${key}` },
    { Authorization: `BEARER  ${key} ` },
  ]) {
    assert.equal((await check(requestWith(headers))).context?.['tenant'], 'acme');
  }
});

test('what is no key, an unknown or an expired one is answered 401', async () => {
  const { check, addKey, logged } = openCheck();
  const { key } = await addKey();
  const expired = await addKey({ expiresAt: '2026-03-01T00:00:00.000Z' });
  const unknown = `swy_${'A'.repeat(43)}`;
  const refused = [
    null,
    {},
    { authorization: '' },
    { authorization: key },
    { authorization: `Basic ${key}` },
    { authorization: `Bearer ${key}x` },
    { authorization: `Bearer ${key} ${key}` },
    { authorization: 'Bearer swy_../../jobs' },
    { authorization: `Bearer ${unknown}` },
    { authorization: `Bearer ${expired.key}` },
  ];
  for (const headers of refused) {
    // API Gateway knows 401 by exactly this message.
    await assert.rejects(check(requestWith(headers)), { message: 'Unauthorized' });
  }
  assert.doesNotMatch(JSON.stringify(logged), new RegExp(`${unknown}|${expired.key}`));
});

test('a key works until the moment it expires', async () => {
  const { check, addKey } = openCheck();
  const { key } = await addKey({ expiresAt: '2026-03-01T00:00:00.001Z' });

  assert.equal(
    (await check(requestWith({ authorization: `Bearer ${key}` }))).principalId.length,
    16,
  );
});

test('a damaged record is a fault of ours, not of the caller', async () => {
  const { check, objectStore, addKey, logged } = openCheck();
  const { key, sha256 } = await addKey();
  await objectStore.put(apiKeyRecords.key(sha256), Buffer.from('{'));

  await assert.rejects(check(requestWith({ authorization: `Bearer ${key}` })), {
    code: 'corrupt_object',
  });
  assert.equal(logged[0]?.['event'], 'key_unreadable');
});

const opened: readonly (readonly [scopes: Scope[], method: string, isOpen: boolean])[] = [
  [['predict'], 'POST/predict', true],
  [['predict'], 'POST/predict/batch', true],
  [['predict'], 'GET/models', true],
  [['predict'], 'POST/jobs', false],
  [['predict'], 'GET/jobs/job_1/results', false],
  [['jobs'], 'POST/jobs', true],
  [['jobs'], 'DELETE/jobs/job_1', true],
  [['jobs'], 'GET/limits', true],
  [['jobs'], 'POST/predict', false],
  [['jobs', 'predict'], 'POST/predict', true],
  [['admin'], 'POST/anything', true],
];

test('a scope opens its routes and no other', async () => {
  const { check, addKey } = openCheck();
  for (const [scopes, method, isOpen] of opened) {
    const { key } = await addKey({ scopes });
    const { policyDocument } = await check(requestWith({ authorization: `Bearer ${key}` }));
    const allowed = policyDocument.Statement.flatMap((statement) =>
      statement.Effect === 'Allow' && 'Resource' in statement ? [statement.Resource].flat() : [],
    );
    const matches = allowed.some((pattern) => matchesArn(String(pattern), `${stage}/${method}`));
    assert.equal(matches, isOpen, `${scopes} ${method}`);
    // API Gateway refuses a policy above 8 KB.
    assert.ok(JSON.stringify(policyDocument).length < 8_000);
  }
});

test('each scope opens exactly the routes that ask for it', async () => {
  const { check, addKey } = openCheck();
  for (const scope of ['predict', 'jobs'] as const) {
    const { key } = await addKey({ scopes: [scope] });
    const { policyDocument } = await check(requestWith({ authorization: `Bearer ${key}` }));
    const patterns = policyDocument.Statement.flatMap((statement) =>
      'Resource' in statement ? [statement.Resource].flat().map(String) : [],
    );
    for (const { method, path, scope: wanted } of routes) {
      // A pattern reaches over slashes, so what stands for a parameter may hold some.
      for (const value of ['x', 'x/y', 'x/results']) {
        const arn = `${stage}/${method}${path.replaceAll(/\{\w+\+?\}/g, value)}`;
        const isOpen = patterns.some((pattern) => matchesArn(pattern, arn));
        assert.equal(
          isOpen,
          ['any', 'open', scope].includes(wanted),
          `${scope}: ${method} ${path}`,
        );
      }
    }
  }
});

test('every route can be opened by a scope that is not admin', async () => {
  const { check, addKey } = openCheck();
  const { key } = await addKey({ scopes: ['predict', 'jobs'] });
  const { policyDocument } = await check(requestWith({ authorization: `Bearer ${key}` }));
  const text = JSON.stringify(policyDocument);

  for (const { method, path } of routes) {
    assert.ok(text.includes(`${stage}/${method}${path.replaceAll(/\{\w+\}/g, '*')}"`), path);
  }
});

function matchesArn(pattern: string, arn: string): boolean {
  const escaped = pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${escaped.replaceAll('*', '.*')}$`).test(arn);
}
