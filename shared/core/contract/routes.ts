/**
 * Every route of the API. The local server, the API Gateway of the stacks and the OpenAPI document
 * are made from this table, so none can have a route that the others lack.
 */
export const routes = [
  { operation: 'predict', method: 'POST', path: '/predict' },
  { operation: 'predictBatch', method: 'POST', path: '/predict/batch' },
  { operation: 'createJob', method: 'POST', path: '/jobs' },
  { operation: 'listJobs', method: 'GET', path: '/jobs' },
  { operation: 'getJob', method: 'GET', path: '/jobs/{id}' },
  { operation: 'cancelJob', method: 'DELETE', path: '/jobs/{id}' },
  { operation: 'resumeJob', method: 'POST', path: '/jobs/{id}/resume' },
  { operation: 'getJobResults', method: 'GET', path: '/jobs/{id}/results' },
  { operation: 'getJobErrors', method: 'GET', path: '/jobs/{id}/errors' },
  { operation: 'listModels', method: 'GET', path: '/models' },
  { operation: 'getLimits', method: 'GET', path: '/limits' },
  { operation: 'getHealth', method: 'GET', path: '/health' },
  { operation: 'getReady', method: 'GET', path: '/ready' },
] as const satisfies readonly Route[];

export type Operation = (typeof routes)[number]['operation'];

interface Route {
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** API Gateway's spelling; a path parameter is one segment. */
  readonly path: string;
}
