import { healthViewSchema, readyViewSchema } from '../contract/health-view.ts';
import { defaultLimits } from '../contract/limits.ts';
import { limitsViewSchema } from '../contract/limits-schema.ts';
import { limitsView } from '../contract/limits-view.ts';
import { modelListSchema } from '../contract/model-view.ts';
import type { Operation } from '../contract/routes.ts';
import { json, type RouteDescription } from './route-description.ts';

/** Routes that say what is served and how it is. */
export const serviceRoutes = {
  listModels: {
    group: 'Service',
    summary: 'What can be asked for, where it runs, and why not elsewhere.',
    answers: {
      200: {
        description: 'Every model.',
        content: json(modelListSchema, {
          models: [
            {
              name: 'sst2-minilm',
              version: '1.0.0',
              task: 'text-classification',
              labels: ['NEGATIVE', 'POSITIVE'],
              token_limit: 512,
              variants: [
                {
                  name: 'cpu-int8',
                  sha256: '33322bf482d1845ef8a3c7e33771f7ea6fe86152ad713b35902ef5c47c24cc49',
                  independent_of_neighbours: true,
                },
              ],
              lanes: [
                { lane: 'cpu', available: true },
                {
                  lane: 'gpu-spot',
                  available: false,
                  reason: 'no GPU provider (webgpu or cuda) is set up here',
                },
              ],
              serving: {
                variant: 'cpu-int8',
                provider: 'cpu',
                runtime: 'onnxruntime-node 1.30.0',
              },
              warnings: [],
            },
          ],
        }),
      },
    },
    errors: [],
  },
  getLimits: {
    group: 'Service',
    summary: 'What one request, line or job may hold.',
    answers: {
      200: {
        description: 'Every limit.',
        content: json(limitsViewSchema, limitsView(defaultLimits)),
      },
    },
    errors: [],
  },
  getHealth: {
    group: 'Service',
    summary: 'Whether the process should be restarted.',
    answers: {
      200: {
        description: 'It works.',
        content: json(healthViewSchema, { healthy: true, reasons: [] }),
      },
      503: {
        description: 'Its batcher stands still; restart it.',
        content: json(healthViewSchema, { healthy: false, reasons: ['nothing moved for 12 s'] }),
      },
    },
    errors: [],
  },
  getReady: {
    group: 'Service',
    summary: 'Whether every model is verified and gave its known answer.',
    answers: {
      200: {
        description: 'Requests are answered.',
        content: json(readyViewSchema, { ready: true, reasons: [] }),
      },
      503: {
        description: 'Not yet, and why.',
        content: json(readyViewSchema, { ready: false, reasons: ['sst2-minilm is being loaded'] }),
        headers: ['Retry-After'],
      },
    },
    errors: [],
  },
  getOpenApi: {
    group: 'Service',
    summary: 'This document.',
    answers: {
      200: {
        description: 'OpenAPI 3.1.',
        content: { type: 'application/json', text: 'The document.' },
      },
    },
    errors: [],
  },
  getDocs: {
    group: 'Service',
    summary: 'This document as a page.',
    answers: {
      200: {
        description: 'HTML without scripts; nothing is loaded from elsewhere.',
        content: { type: 'text/html', text: 'The page.' },
      },
    },
    errors: [],
  },
} satisfies Partial<Record<Operation, RouteDescription>>;
