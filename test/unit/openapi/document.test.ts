import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { defaultLimits } from '#core/contract/limits.ts';
import { routes } from '#core/contract/routes.ts';
import { errorCodes } from '#core/error-codes.ts';
import {
  API_VERSION,
  type OpenApiDocument,
  openApiDocument,
} from '#core/openapi/openapi-document.ts';
import { docsPage } from '#core/openapi/page/docs-page.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { ApiChecker } from '../../fixtures/openapi/api-checker.ts';

const document = openApiDocument({ limits: defaultLimits, serverUrl: '/prod', needsKey: true });
const sent = JSON.parse(JSON.stringify(document)) as OpenApiDocument;

test('the document is a valid OpenAPI 3.1 document', async () => {
  const validator = new Validator();

  const result = await validator.validate(structuredClone(sent));

  assert.deepEqual(result.errors ?? [], []);
  assert.equal(validator.version, '3.1');
});

test('the document has every route of the table and no other, with its summary and problems', () => {
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => `${operationId} ${method} ${path}`),
  );
  const wanted = routes.map(
    ({ operation, method, path }) => `${operation} ${method.toLowerCase()} ${path}`,
  );

  assert.deepEqual(documented.sort(), wanted.sort());
  for (const operation of Object.values(document.paths).flatMap(Object.values)) {
    assert.match(operation.summary, /\.$/);
    for (const status of ['401', '403', '429', '500', '503', '504']) {
      assert.ok(operation.responses[status], `${operation.operationId} ${status}`);
    }
  }
});

test('every example of a body and of an answer obeys its schema', () => {
  const checker = new ApiChecker(sent);

  const examples = checker.examples();

  assert.ok(examples.length > routes.length, String(examples.length));
  for (const { pointer, value } of examples) checker.assertValid(pointer, value, pointer);
});

test('there is an example of every problem', () => {
  const checker = new ApiChecker(sent);

  const problems = checker.problems();

  assert.equal(problems.length, Object.keys(errorCodes).length);
  for (const each of problems) checker.assertValid('/components/schemas/Problem', each, 'problem');
});

test('a key is asked for where a deployment asks for one, and nowhere on one machine', () => {
  const local = openApiDocument({ limits: defaultLimits, serverUrl: '/', needsKey: false });

  assert.deepEqual(document.security, [{ key: [] }]);
  assert.deepEqual(document.paths['/docs']?.['get']?.security, []);
  assert.deepEqual(local.security, []);
});

test('the document says the version of the package', () => {
  assert.equal(API_VERSION, packageJson.version);
});

test('the page has every route and schema, no script and nothing from elsewhere', () => {
  const page = docsPage(document, 'https://api.example/prod');

  for (const { operation, path } of routes) {
    assert.ok(page.includes(`id="${operation}"`), operation);
    assert.ok(page.includes(`<code>${path}</code>`), path);
  }
  for (const name of Object.keys(document.components.schemas)) {
    assert.ok(page.includes(`<section id="${name}">`), name);
  }
  const anchors = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  for (const id of anchors) assert.ok(page.includes(`id="${id}"`), `#${id} leads nowhere`);
  assert.doesNotMatch(
    page,
    /<script|<link rel="stylesheet|\bsrc=|url\(|@import|undefined|\[object/,
  );
  assert.match(page, /<code>eta_seconds<\/code>.{0,80}number or null/);
  assert.match(page, /curl -H &quot;Authorization: Bearer \$SWITCHYARD_KEY&quot; -d/);
});
