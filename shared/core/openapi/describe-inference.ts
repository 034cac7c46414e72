import { jobViewSchema } from '../contract/job-view.ts';
import { defaultLimits } from '../contract/limits.ts';
import { predictBatchResponseSchema, predictResponseSchema } from '../contract/predict-answer.ts';
import { explainResponseSchema, quotesViewSchema } from '../contract/route-view.ts';
import type { Operation } from '../contract/routes.ts';
import type { ErrorCode } from '../error-codes.ts';
import { answerFacts, inlineRoute, newJob } from './examples.ts';
import { type AnswerDescription, json, type RouteDescription } from './route-description.ts';

/** What a body of texts may be refused for. */
const textErrors: readonly ErrorCode[] = [
  'invalid_request',
  'model_not_found',
  'lane_unavailable',
  'deadline_infeasible',
  'price_limit_exceeded',
  'budget_exceeded',
  'payload_too_large',
  'idempotency_key_reused',
  'not_ready',
  'worker_failed',
];

const becameJob: AnswerDescription = {
  description: 'The work became a job, because the caller asked for it or accepts one.',
  content: json(jobViewSchema, newJob),
  headers: ['Location', 'Retry-After', 'Idempotency-Replayed', 'Preference-Applied'],
};

const routerErrors: readonly ErrorCode[] = [
  'invalid_request',
  'model_not_found',
  'state_not_found',
  'lane_unavailable',
  'payload_too_large',
  'too_many_items',
];

const film = 'a gripping, beautiful film';

/** Routes that models answer, or that say what they would. */
export const inferenceRoutes = {
  predict: {
    group: 'Answers',
    summary: 'One text, one answer.',
    description:
      'Answered in the request, unless a `lane` other than `cpu` is asked for or `Prefer: ' +
      'respond-async` allows a job. `Prefer: route=full` shows every way that was considered.',
    bodies: {
      'A text': { text: film },
      'Both labels': { text: film, topK: 2 },
      'A vector': { text: film, model: 'minilm-embed' },
      'With a deadline': { text: film, deadlineMs: 500, maxUsd: 0.00001 },
    },
    requestHeaders: ['Prefer', 'Idempotency-Key'],
    answers: {
      200: {
        description: 'The answer.',
        content: json(predictResponseSchema, {
          label: 'POSITIVE',
          score: 0.949647,
          truncated: false,
          ...answerFacts,
        }),
      },
      202: becameJob,
    },
    errors: [...textErrors, 'unprocessable_input'],
  },
  predictBatch: {
    group: 'Answers',
    summary: 'Several texts; one result or error for each.',
    description:
      `Up to ${defaultLimits.inlineItems} texts are answered in the request. More, up to ` +
      `${defaultLimits.requestItems}, become a job where the caller sends \`Prefer: respond-async\` ` +
      'or a `lane`. A text that is not valid gets an error of its own and harms no other.',
    bodies: { 'Two texts': { texts: [film, 'dull and far too long'] } },
    requestHeaders: ['Prefer', 'Idempotency-Key'],
    answers: {
      200: {
        description: 'One result or error per text.',
        content: json(predictBatchResponseSchema, {
          results: [
            { index: 0, label: 'POSITIVE', score: 0.949647, truncated: false },
            {
              index: 1,
              error: { code: 'invalid_request', detail: 'a text may not be empty or blank' },
            },
          ],
          ...answerFacts,
        }),
      },
      202: becameJob,
    },
    errors: [...textErrors, 'too_many_items'],
  },
  explainRoute: {
    group: 'Routing and cost',
    summary: 'Where a request would run now, and why not elsewhere. Nothing is run.',
    description:
      'Takes the body of `POST /predict` or of `POST /predict/batch`, or the size of a job. With the ' +
      '`stateId` of an answer it makes that decision again.',
    bodies: {
      'A text': { text: film, deadlineMs: 500 },
      'A job': { items: 100_000, bytes: 12_000_000, deadlineMs: 3_600_000 },
    },
    requestHeaders: ['Prefer'],
    answers: {
      200: {
        description: 'The decision with everything that was rejected.',
        content: json(explainResponseSchema, { model: 'sst2-minilm', route: inlineRoute }),
      },
    },
    errors: routerErrors,
  },
  createQuotes: {
    group: 'Routing and cost',
    summary: 'Time, price and chance of the same work at several deadlines. Nothing is run.',
    bodies: {
      'A job': { items: 100_000, bytes: 12_000_000 },
      'Texts, by an hour': { texts: [film], deadlinesMs: [3_600_000] },
    },
    answers: {
      200: {
        description:
          'One quote per deadline: 5 minutes, an hour and a day unless others are named.',
        content: json(quotesViewSchema, {
          stateId: inlineRoute.stateId,
          model: 'sst2-minilm',
          items: 100_000,
          tokens: 2_856_000,
          tokensError: 0.222,
          quotes: [
            {
              deadlineMs: 300_000,
              onTime: true,
              reason: 'cheapest-on-time',
              plan: {
                lane: 'cpu-fleet',
                lanes: ['cpu-fleet'],
                workers: 1,
                plan: { kind: 'fleet', width: 1 },
                finishSeconds: 135.5,
                chance: 1,
                usd: 0.004067,
              },
            },
          ],
          assumptions: inlineRoute.assumptions,
        }),
      },
    },
    errors: routerErrors,
  },
} satisfies Partial<Record<Operation, RouteDescription>>;
