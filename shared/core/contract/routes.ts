import type { Scope } from './scope.ts';

/**
 * Every route of the API. The local server, the API Gateway of the stacks and the OpenAPI document
 * are made from this table, so none can have a route that the others lack. `answeredBy` names the
 * Lambda function: `inference` carries the models, `jobs` the records of jobs and no model. `scope` is
 * what a key must have for the route; `any` is any key, `open` none (unless a deployment wants one).
 */
export const routes = [
  {
    operation: 'predict',
    method: 'POST',
    path: '/predict',
    answeredBy: 'inference',
    scope: 'predict',
  },
  {
    operation: 'predictBatch',
    method: 'POST',
    path: '/predict/batch',
    answeredBy: 'inference',
    scope: 'predict',
  },
  { operation: 'createJob', method: 'POST', path: '/jobs', answeredBy: 'jobs', scope: 'jobs' },
  {
    operation: 'createUpload',
    method: 'POST',
    path: '/uploads',
    answeredBy: 'jobs',
    scope: 'jobs',
  },
  { operation: 'listJobs', method: 'GET', path: '/jobs', answeredBy: 'jobs', scope: 'jobs' },
  { operation: 'getJob', method: 'GET', path: '/jobs/{id}', answeredBy: 'jobs', scope: 'jobs' },
  {
    operation: 'cancelJob',
    method: 'DELETE',
    path: '/jobs/{id}',
    answeredBy: 'jobs',
    scope: 'jobs',
  },
  {
    operation: 'resumeJob',
    method: 'POST',
    path: '/jobs/{id}/resume',
    answeredBy: 'jobs',
    scope: 'jobs',
  },
  {
    operation: 'getJobResults',
    method: 'GET',
    path: '/jobs/{id}/results',
    answeredBy: 'jobs',
    scope: 'jobs',
  },
  {
    operation: 'getJobErrors',
    method: 'GET',
    path: '/jobs/{id}/errors',
    answeredBy: 'jobs',
    scope: 'jobs',
  },
  { operation: 'getCosts', method: 'GET', path: '/costs', answeredBy: 'jobs', scope: 'jobs' },
  {
    operation: 'explainRoute',
    method: 'POST',
    path: '/route:explain',
    answeredBy: 'inference',
    scope: 'predict',
  },
  {
    operation: 'createQuotes',
    method: 'POST',
    path: '/quotes',
    answeredBy: 'inference',
    scope: 'predict',
  },
  {
    operation: 'listModels',
    method: 'GET',
    path: '/models',
    answeredBy: 'inference',
    scope: 'any',
  },
  { operation: 'getLimits', method: 'GET', path: '/limits', answeredBy: 'inference', scope: 'any' },
  { operation: 'getHealth', method: 'GET', path: '/health', answeredBy: 'inference', scope: 'any' },
  { operation: 'getReady', method: 'GET', path: '/ready', answeredBy: 'inference', scope: 'any' },
  {
    operation: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    answeredBy: 'jobs',
    scope: 'open',
  },
  { operation: 'getDocs', method: 'GET', path: '/docs', answeredBy: 'jobs', scope: 'open' },
] as const satisfies readonly Route[];

export type Operation = (typeof routes)[number]['operation'];
/** The routes of one Lambda function. */
export type OperationOf<Function extends Route['answeredBy']> = Extract<
  (typeof routes)[number],
  { readonly answeredBy: Function }
>['operation'];

interface Route {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** API Gateway's spelling; a path parameter is one segment. */
  readonly path: string;
  readonly answeredBy: 'inference' | 'jobs';
  readonly scope: Exclude<Scope, 'admin'> | 'any' | 'open';
}
