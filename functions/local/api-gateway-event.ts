import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** What came over HTTP, before any interpretation. */
export interface ReceivedRequest {
  readonly method: string;
  /** As sent: percent-encoded, not normalised, without query. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  /** Names in the client's case, in the order sent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly sourceIp: string;
  readonly requestId: string;
  readonly receivedAtEpochMillis: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/**
 * The event that API Gateway REST (v1) makes of a request. The last of several values stands in the
 * single-value members; a body that is not UTF-8 text is base64.
 */
export function toProxyEvent(
  request: ReceivedRequest,
  route: { readonly path: string; readonly pathParameters: Readonly<Record<string, string>> },
): APIGatewayProxyEvent {
  const headers = groupValues(request.headers, (name) => name.toLowerCase());
  const query = groupValues([...new URLSearchParams(request.query)], (name) => name);
  const contentType = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1];
  return {
    resource: route.path,
    path: request.path,
    httpMethod: request.method,
    headers: lastValues(headers),
    multiValueHeaders: headers,
    queryStringParameters: orNull(lastValues(query)),
    multiValueQueryStringParameters: orNull(query),
    pathParameters: orNull({ ...route.pathParameters }),
    stageVariables: null,
    requestContext: requestContext(request, route.path),
    ...eventBody(request.body, contentType),
  };
}

/** What to send for a handler's answer; a header of both kinds is sent with each of its values. */
export function fromProxyResult(result: APIGatewayProxyResult): HttpAnswer {
  const single = Object.entries(result.headers ?? {});
  const multiple = Object.entries(result.multiValueHeaders ?? {});
  const repeated = new Set(multiple.map(([name]) => name.toLowerCase()));
  return {
    status: result.statusCode,
    headers: [
      ...single.filter(([name]) => !repeated.has(name.toLowerCase())),
      ...multiple.flatMap(([name, values]) => values.map((value) => [name, value] as const)),
    ].map(([name, value]) => [name, String(value)]),
    body: Buffer.from(result.body, result.isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

/** Fields of one name together, under the first spelling; own members only, even `__proto__`. */
function groupValues(
  pairs: readonly (readonly [name: string, value: string])[],
  identity: (name: string) => string,
): Record<string, string[]> {
  const groups = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of pairs) {
    const group = groups.get(identity(name)) ?? { name, values: [] };
    group.values.push(value);
    groups.set(identity(name), group);
  }
  return Object.fromEntries([...groups.values()].map(({ name, values }) => [name, values]));
}

function lastValues(groups: Readonly<Record<string, string[]>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(groups).map(([name, values]) => [name, values.at(-1) ?? '']),
  );
}

function orNull<T extends object>(members: T): T | null {
  return Object.keys(members).length === 0 ? null : members;
}

const textType = /^(?:text\/|application\/(?:json|jsonl|x-ndjson|[\w.-]+\+json)\b)/i;

function eventBody(
  bytes: Uint8Array,
  contentType = 'application/json',
): Pick<APIGatewayProxyEvent, 'body' | 'isBase64Encoded'> {
  if (bytes.byteLength === 0) return { body: null, isBase64Encoded: false };
  const text = textType.test(contentType) ? utf8Text(bytes) : undefined;
  if (text !== undefined) return { body: text, isBase64Encoded: false };
  return { body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true };
}

/** The exact text, or undefined where the bytes would not come back from it. */
function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function requestContext(
  request: ReceivedRequest,
  resourcePath: string,
): APIGatewayProxyEvent['requestContext'] {
  return {
    accountId: 'local',
    apiId: 'local',
    authorizer: null,
    protocol: 'HTTP/1.1',
    httpMethod: request.method,
    identity: anonymous(request.sourceIp),
    path: request.path,
    stage: 'local',
    requestId: request.requestId,
    requestTimeEpoch: request.receivedAtEpochMillis,
    resourceId: resourcePath,
    resourcePath,
  };
}

function anonymous(sourceIp: string): APIGatewayProxyEvent['requestContext']['identity'] {
  return {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp,
    user: null,
    userAgent: null,
    userArn: null,
  };
}
