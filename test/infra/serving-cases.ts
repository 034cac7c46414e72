import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { defaultLimits } from '#core/contract/limits.ts';
import { problemSchema } from '#core/contract/problem-schema.ts';
import { requestBodySchemas } from '#core/contract/request-bodies.ts';
import { routes } from '#core/contract/routes.ts';
import { requestBody } from '../../functions/middleware/request-body.ts';
import { resourcesOf, type StackTemplate, type Synthesis } from './synthesize.ts';

export function servingCases({ serving }: Synthesis): void {
  test('the API has every route of the contract and no other', () => {
    const methods = resourcesOf(serving, 'AWS::ApiGateway::Method');
    const deployed = methods.map(
      ({ Properties }) => `${Properties.HttpMethod} ${pathOf(serving, Properties.ResourceId)}`,
    );

    const wanted = routes.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(deployed.sort(), wanted.sort());
  });

  test('every method but two asks the authorizer and counts the caller against a usage plan', () => {
    const methods = resourcesOf(serving, 'AWS::ApiGateway::Method');
    const open = methods.filter(({ Properties }) => Properties.AuthorizationType === 'NONE');

    const openPaths = open.map(({ Properties }) => pathOf(serving, Properties.ResourceId));
    assert.deepEqual(openPaths.sort(), ['/docs', '/openapi.json']);
    for (const { Properties } of methods.filter((each) => !open.includes(each))) {
      assert.equal(Properties.AuthorizationType, 'CUSTOM');
      assert.equal(Properties.ApiKeyRequired, true);
    }
  });

  test('what needs no key takes few calls', () => {
    const [stage] = resourcesOf(serving, 'AWS::ApiGateway::Stage');
    const limited = stage?.Properties.MethodSettings.filter(
      (each: { readonly ThrottlingRateLimit: number }) => each.ThrottlingRateLimit < 1,
    );

    assert.deepEqual(
      limited.map((each: { readonly ResourcePath: string }) => each.ResourcePath).sort(),
      ['/~1docs', '/~1openapi.json'],
    );
  });

  test('the API key is the one that the authorizer names', () => {
    const [api] = resourcesOf(serving, 'AWS::ApiGateway::RestApi');

    assert.equal(api?.Properties.ApiKeySourceType, 'AUTHORIZER');
  });

  test('bodies of every kind reach the functions as they were sent', () => {
    const [api] = resourcesOf(serving, 'AWS::ApiGateway::RestApi');

    assert.deepEqual(api?.Properties.BinaryMediaTypes, ['*/*']);
  });

  test('a revoked key works for a minute at most', () => {
    const [authorizer] = resourcesOf(serving, 'AWS::ApiGateway::Authorizer');

    assert.equal(authorizer?.Properties.AuthorizerResultTtlInSeconds, 60);
  });

  test('bodies with a schema are checked at the edge', () => {
    const checked = resourcesOf(serving, 'AWS::ApiGateway::Method').filter(
      ({ Properties }) => Properties.RequestValidatorId !== undefined,
    );
    const paths = checked.map(({ Properties }) => pathOf(serving, Properties.ResourceId));

    assert.deepEqual(paths.sort(), [
      '/jobs',
      '/predict',
      '/predict/batch',
      '/quotes',
      '/route:explain',
      '/uploads',
    ]);
    const [validator] = resourcesOf(serving, 'AWS::ApiGateway::RequestValidator');
    assert.equal(validator?.Properties.ValidateRequestBody, true);
  });

  test('the edge refuses no field that the contract takes', () => {
    const fields = resourcesOf(serving, 'AWS::ApiGateway::Model').map(({ Properties }) =>
      Object.keys(Properties.Schema.properties),
    );
    const contract = Object.values(requestBodySchemas(defaultLimits)).map((schema) =>
      Object.keys(z.toJSONSchema(schema, { io: 'input' }).properties ?? {}),
    );

    const sorted = (lists: string[][]) => lists.map((list) => list.sort().join()).sort();
    assert.deepEqual(sorted(fields), sorted(contract));
    const items = resourcesOf(serving, 'AWS::ApiGateway::Model').flatMap(({ Properties }) =>
      Object.keys(Properties.Schema.properties.items?.items?.properties ?? {}),
    );
    assert.deepEqual(items, ['text', 'id']);
  });

  test('every answer of the edge is a problem document with its own status', () => {
    for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::GatewayResponse')) {
      const body: unknown = JSON.parse(Properties.ResponseTemplates['application/json']);
      const status: number = (body as { status: number }).status;
      problemSchema.parse(body);
      const isNet = Properties.ResponseType.startsWith('DEFAULT_');
      assert.equal(isNet ? undefined : String(status), Properties.StatusCode);
      const type = Properties.ResponseParameters['gatewayresponse.header.Content-Type'];
      assert.equal(type, "'application/problem+json'");
    }
  });

  test('malformed JSON has the code at the edge that the handlers give it', async () => {
    const responses = resourcesOf(serving, 'AWS::ApiGateway::GatewayResponse');
    const refused = responses.find(({ Properties }) => {
      return Properties.ResponseType === 'BAD_REQUEST_BODY';
    });
    const edge = JSON.parse(refused?.Properties.ResponseTemplates['application/json'] ?? '{}');
    const event = { body: '{"text": ', isBase64Encoded: false };
    const before = requestBody(defaultLimits).before as (request: object) => void;

    assert.equal(edge.status, 400);
    assert.throws(() => before({ event }), { code: edge.code });
  });

  test('calls go to the alias, so that versions can be changed and taken back', () => {
    const aliases = resourcesOf(serving, 'AWS::Lambda::Alias');

    assert.deepEqual(
      aliases.map(({ Properties }) => Properties.Name),
      ['live', 'live'],
    );
    for (const { Properties } of resourcesOf(serving, 'AWS::ApiGateway::Method')) {
      assert.match(JSON.stringify(Properties.Integration.Uri), /Alias/);
    }
  });
}

function pathOf(template: StackTemplate, reference: { readonly Ref?: string }): string {
  const resource = template.Resources[reference.Ref ?? ''];
  if (resource === undefined) return '';
  const { ParentId, PathPart } = resource.Properties;
  return `${pathOf(template, ParentId)}/${PathPart}`;
}
