import assert from 'node:assert/strict';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { systemClock } from '#adapters/local/system-clock.ts';
import { lambdaContext } from '../../../../functions/local/lambda-context.ts';

export interface RestCall {
  readonly method: string;
  readonly resource: string;
  /** @default - the resource */
  readonly path?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly stage?: string;
  /** Whose key it is; null where no authorizer was asked. @default 'acme' */
  readonly tenant?: string | null;
}

/** An event as API Gateway REST with binary media types makes it: every body in base64. */
export function restEvent(call: RestCall) {
  const path = call.path ?? call.resource;
  const { stage = 'prod', tenant = 'acme' } = call;
  return {
    resource: call.resource,
    path,
    httpMethod: call.method,
    headers: call.headers ?? null,
    multiValueHeaders: null,
    queryStringParameters: call.query ?? null,
    multiValueQueryStringParameters: null,
    pathParameters: call.pathParameters ?? null,
    stageVariables: null,
    body: call.body === undefined ? null : encode(call.body),
    isBase64Encoded: call.body !== undefined,
    requestContext: {
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      resourcePath: call.resource,
      httpMethod: call.method,
      stage,
      path: `/${stage}${path}`,
      ...(tenant === null ? {} : { authorizer: { tenant } }),
    },
  };
}

function encode(body: unknown): string {
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)).toString('base64');
}

export function lambdaContextOf() {
  const signal = new AbortController().signal;
  return lambdaContext({ requestId: 'invocation', signal, clock: systemClock });
}

/** The answer of a REST route. */
export function asResult(answer: unknown): APIGatewayProxyResult {
  assert.ok(typeof answer === 'object' && answer !== null && 'statusCode' in answer);
  return answer as APIGatewayProxyResult;
}
