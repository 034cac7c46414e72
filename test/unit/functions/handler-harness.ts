import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits, type Limits } from '#core/contract/limits.ts';
import { type Operation, routes } from '#core/contract/routes.ts';
import { createHandlers } from '../../../functions/create-handlers.ts';
import type { HandlerDependencies } from '../../../functions/handler-dependencies.ts';
import { toProxyEvent } from '../../../functions/local/api-gateway-event.ts';
import { lambdaContext } from '../../../functions/local/lambda-context.ts';
import { memoryJobService } from './memory-job-service.ts';
import { scriptedInference } from './scripted-inference.ts';

export interface Call {
  readonly body?: string | Uint8Array | object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly id?: string;
  readonly query?: string;
  readonly signal?: AbortSignal;
  /** What API Gateway puts before the path. */
  readonly stage?: string;
  /** Whose key it is, by the authorizer's word. */
  readonly tenant?: string;
}

/** The handlers over a folder store, with everything they logged and measured. */
export async function handlerHarness(
  t: TestContext,
  overrides: Partial<HandlerDependencies> & { readonly limits?: Limits } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-handlers-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const logged: Readonly<Record<string, unknown>>[] = [];
  const measured: { readonly name: string; readonly value: number; readonly model?: string }[] = [];
  const jobs = memoryJobService();
  const note = (name: string, value: number, dimensions?: { readonly model?: string }) => {
    measured.push({ name, value, ...dimensions });
  };
  const deps: HandlerDependencies = {
    limits: defaultLimits,
    inference: scriptedInference(),
    jobs,
    objectStore: await openFolderObjectStore({ folder }),
    objectLinks: { linkTo: async (key) => `http://localhost/objects/${key}?signature=x` },
    uploadLinks: {
      open: async ({ tenant, filename, sizeBytes }) => {
        const key = `bucket/uploads/${tenant}/1/${filename}`;
        const headers = { 'content-length': String(sizeBytes) };
        return { key, url: `http://localhost/objects/${key}?signature=x`, headers };
      },
    },
    needsKey: false,
    bucketName: 'local',
    clock: systemClock,
    metrics: { count: note, observe: note, flush: async () => undefined },
    log: (entry) => logged.push(entry),
    costOf: () => ({ usd: 0, basis: 'this machine' }),
    ...overrides,
  };
  const handlers = createHandlers(deps);
  const call = (operation: Operation, request: Call = {}): Promise<APIGatewayProxyResult> => {
    const signal = request.signal ?? new AbortController().signal;
    const context = lambdaContext({ requestId: 'generated', signal, clock: deps.clock });
    return handlers[operation](eventOf(operation, request), context);
  };
  return { deps, handlers, jobs, logged, measured, call };
}

function eventOf(operation: Operation, request: Call) {
  const route = routes.find((each) => each.operation === operation);
  if (route === undefined) throw new Error(`no route ${operation}`);
  const pathParameters: Record<string, string> = request.id === undefined ? {} : { id: request.id };
  const path = route.path.replace('{id}', encodeURIComponent(request.id ?? ''));
  const event = toProxyEvent(
    {
      method: route.method,
      path,
      query: request.query ?? '',
      headers: Object.entries(request.headers ?? {}),
      body: bytesOf(request.body),
      sourceIp: '127.0.0.1',
      requestId: 'generated',
      receivedAtEpochMillis: 0,
    },
    { path: route.path, pathParameters },
  );
  event.requestContext.path = `${request.stage ?? ''}${path}`;
  const { tenant } = request;
  if (tenant !== undefined) event.requestContext.authorizer = { tenant, scopes: 'predict jobs' };
  return event;
}

function bytesOf(body: Call['body']): Uint8Array {
  if (body instanceof Uint8Array) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? ''));
}

/** The JSON body of an answer. */
export function bodyOf(answer: APIGatewayProxyResult) {
  return JSON.parse(answer.body);
}
