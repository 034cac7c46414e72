import type * as z from 'zod';
import type { Limits } from '../contract/limits.ts';
import { type Operation, routes } from '../contract/routes.ts';
import { inferenceRoutes } from './describe-inference.ts';
import { jobRoutes } from './describe-jobs.ts';
import { problemExamples, problemResponses } from './describe-problems.ts';
import { serviceRoutes } from './describe-service.ts';
import { headers, parameters } from './headers.ts';
import {
  answerRef,
  bodyRef,
  componentSchemas,
  type JsonSchema,
  toJsonSchema,
} from './json-schemas.ts';
import type { MediaTypeObject, ResponseObject } from './response-object.ts';
import {
  type AnswerContent,
  type AnswerDescription,
  type RouteDescription,
  routeGroups,
} from './route-description.ts';

/** The version of package.json. */
export const API_VERSION = '0.1.0';

export interface DocumentOptions {
  readonly limits: Limits;
  /** Where the routes begin: an address, or a path on the server that gives the document. */
  readonly serverUrl: string;
  /** Whether callers send a key. */
  readonly needsKey: boolean;
}

const descriptions: Record<Operation, RouteDescription> = {
  ...inferenceRoutes,
  ...jobRoutes,
  ...serviceRoutes,
};

/**
 * The OpenAPI 3.1 document of the route table, with the schemas by which requests are checked. Whoever
 * adds a route has to describe it: the record above does not compile without it.
 */
export function openApiDocument({ limits, serverUrl, needsKey }: DocumentOptions) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version: API_VERSION,
      summary: 'Small models behind an HTTPS API, and the same models over files.',
      description: introduction(needsKey),
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: serverUrl }],
    security: needsKey ? [{ key: [] }] : [],
    tags: routeGroups.map((name) => ({ name })),
    paths: pathsOf(needsKey),
    components: {
      schemas: componentSchemas(limits),
      parameters,
      examples: problemExamples(),
      headers,
      securitySchemes: {
        key: {
          type: 'http',
          scheme: 'bearer',
          description: 'A key of `switchyard keys create`; a server on one machine asks for none.',
        },
      },
    },
  } as const;
}

export type OpenApiDocument = ReturnType<typeof openApiDocument>;
export type OperationObject = ReturnType<typeof operationOf>;

function introduction(needsKey: boolean): string {
  const key = needsKey
    ? 'Every route but those of this document asks for a key.'
    : 'This server answers its own machine only and asks for no key. It has `GET /metrics` ' +
      '(Prometheus) too.';
  return (
    `${key} Bodies are JSON whatever their Content-Type. Errors are problem documents (RFC 9457) with ` +
    'a `code` of a closed list and, in `error`, the envelope that clients of OpenAI read. HEAD is ' +
    'answered like GET. Every answer has its id in `x-request-id`; send one to choose it.'
  );
}

function pathsOf(needsKey: boolean): Record<string, Record<string, OperationObject>> {
  const paths: Record<string, Record<string, OperationObject>> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route, needsKey),
    };
  }
  return paths;
}

function operationOf(route: (typeof routes)[number], needsKey: boolean) {
  const { operation, path, scope } = route;
  const told = descriptions[operation];
  const { group, summary, description, bodies, query, requestHeaders = [] } = told;
  return {
    operationId: operation,
    tags: [group],
    summary,
    ...(description === undefined ? {} : { description }),
    ...(needsKey && scope === 'open' ? { security: [] } : {}),
    parameters: [
      ...[...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
        name,
        in: 'path',
        required: true,
        description: 'What the 202 of the job said.',
        schema: { type: 'string' } as JsonSchema,
      })),
      ...queryParameters(query),
      ...requestHeaders.map((name) => ({ $ref: `#/components/parameters/${name}` })),
    ],
    ...(bodies === undefined ? {} : { requestBody: requestBody(operation, bodies) }),
    responses: responsesOf(told),
  };
}

function requestBody(operation: Operation, bodies: Readonly<Record<string, unknown>>) {
  const examples = Object.fromEntries(
    Object.entries(bodies).map(([summary, value]) => [keyOf(summary), { summary, value }]),
  );
  return {
    required: true,
    content: { 'application/json': { schema: bodyRef(operation), examples } },
  };
}

/** A component name of letters and digits. */
function keyOf(summary: string): string {
  return summary.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}

function queryParameters(query: z.ZodObject | undefined) {
  if (query === undefined) return [];
  return Object.entries(query.shape).map(([name, schema]) => {
    return {
      name,
      in: 'query',
      required: false,
      schema: toJsonSchema(schema as z.ZodType, 'output'),
    };
  });
}

function responsesOf({ answers, errors }: RouteDescription): Record<string, ResponseObject> {
  const responses = new Map<string, ResponseObject>();
  for (const [status, answer] of Object.entries(answers)) responses.set(status, responseOf(answer));
  for (const [status, problem] of problemResponses(errors)) {
    const answer = responses.get(String(status));
    responses.set(String(status), answer === undefined ? problem : either(answer, problem));
  }
  return Object.fromEntries(responses);
}

/** A status that a probe's answer and a problem share. */
function either(answer: ResponseObject, problem: ResponseObject): ResponseObject {
  return {
    description: `${answer.description} ${problem.description}`,
    headers: { ...answer.headers, ...problem.headers },
    content: { ...answer.content, ...problem.content },
  };
}

function responseOf({ description, content, headers: names = [] }: AnswerDescription) {
  const withId: readonly (keyof typeof headers)[] = ['X-Request-Id', ...names];
  return {
    description,
    headers: Object.fromEntries(
      withId.map((name) => [name, { $ref: `#/components/headers/${name}` }]),
    ),
    ...(content === undefined ? {} : { content: contentOf(content) }),
  };
}

function contentOf(content: AnswerContent): Record<string, MediaTypeObject> {
  if ('schema' in content) {
    const { schema, example } = content;
    return { 'application/json': { schema: answerRef(schema), example } };
  }
  const { type, text: description, example } = content;
  const schema: JsonSchema = { type: isJson(type) ? 'object' : 'string', description };
  return { [type]: { schema, ...(example === undefined ? {} : { example }) } };
}

function isJson(type: string): boolean {
  return type === 'application/json';
}
