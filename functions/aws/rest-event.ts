import type { APIGatewayProxyEvent } from 'aws-lambda';
import * as z from 'zod';

const textsSchema = z.record(z.string(), z.string().optional()).nullish();
const listsSchema = z.record(z.string(), z.array(z.string()).optional()).nullish();

/** The members of a REST (v1) proxy event that routes rely on. */
const restEventSchema = z.looseObject({
  resource: z.string(),
  path: z.string(),
  httpMethod: z.string(),
  headers: textsSchema,
  multiValueHeaders: listsSchema,
  queryStringParameters: textsSchema,
  multiValueQueryStringParameters: listsSchema,
  pathParameters: textsSchema,
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
  requestContext: z.looseObject({ requestId: z.string() }),
});

/**
 * The event of API Gateway REST with every member there, or undefined where it is none. Told by its
 * shape: `version` is on events of other gateways too. Test events of the console leave members out or
 * null; so do other implementations. What stays as it came: the case of header names, and a body in
 * base64, which the routes decode (with binary media types every body comes so).
 */
export function readRestEvent(event: unknown): APIGatewayProxyEvent | undefined {
  const parsed = restEventSchema.safeParse(event).data;
  if (parsed === undefined) return undefined;
  return {
    // The context's other members are the gateway's own; nothing here relies on their being there.
    ...(parsed as unknown as APIGatewayProxyEvent),
    headers: parsed.headers ?? {},
    multiValueHeaders: parsed.multiValueHeaders ?? {},
    queryStringParameters: parsed.queryStringParameters ?? null,
    multiValueQueryStringParameters: parsed.multiValueQueryStringParameters ?? null,
    pathParameters: parsed.pathParameters ?? null,
    body: parsed.body ?? null,
    isBase64Encoded: parsed.isBase64Encoded ?? false,
  };
}
