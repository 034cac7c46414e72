import * as z from 'zod';
import { costsViewSchema } from '../contract/costs-view.ts';
import { healthViewSchema, readyViewSchema } from '../contract/health-view.ts';
import { jobOptionsSchema } from '../contract/job.ts';
import { errorLineSchema, resultLineSchema } from '../contract/job-lines.ts';
import { jobListSchema, jobViewSchema } from '../contract/job-view.ts';
import { laneSchema } from '../contract/lane.ts';
import type { Limits } from '../contract/limits.ts';
import { limitsViewSchema } from '../contract/limits-schema.ts';
import { modelListSchema, modelViewSchema } from '../contract/model-view.ts';
import { predictBatchResponseSchema, predictResponseSchema } from '../contract/predict-answer.ts';
import { problemSchema } from '../contract/problem-schema.ts';
import { requestBodySchemas } from '../contract/request-bodies.ts';
import {
  explainResponseSchema,
  quotesViewSchema,
  routeOffersSchema,
  routePlanSchema,
  routeSummarySchema,
  routeViewSchema,
} from '../contract/route-view.ts';
import { uploadViewSchema } from '../contract/upload.ts';

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** Answers, and what is named in several of them. */
const answers = {
  Lane: laneSchema,
  PredictResponse: predictResponseSchema,
  PredictBatchResponse: predictBatchResponseSchema,
  RouteSummary: routeSummarySchema,
  Route: routeViewSchema,
  RoutePlan: routePlanSchema,
  RouteOffers: routeOffersSchema,
  ExplainResponse: explainResponseSchema,
  Quotes: quotesViewSchema,
  Job: jobViewSchema,
  JobList: jobListSchema,
  ResultLine: resultLineSchema,
  ErrorLine: errorLineSchema,
  Upload: uploadViewSchema,
  Model: modelViewSchema,
  ModelList: modelListSchema,
  Limits: limitsViewSchema,
  Costs: costsViewSchema,
  Health: healthViewSchema,
  Ready: readyViewSchema,
  Problem: problemSchema,
} as const satisfies Record<string, z.ZodType>;

const nameOfAnswer = new Map<z.ZodType, string>(
  Object.entries(answers).map(([name, schema]) => [schema, name]),
);

/** The component that an answer's schema is. */
export function answerRef(schema: z.ZodType): JsonSchema {
  const name = nameOfAnswer.get(schema);
  return name === undefined ? toJsonSchema(schema, 'output') : { $ref: refTo(name) };
}

/** The component of an operation's body, such as `PredictRequest`. */
export function bodyRef(operation: string): JsonSchema {
  return { $ref: refTo(bodyName(operation)) };
}

/** Every named schema: bodies as they may be sent, answers as they are given. */
export function componentSchemas(limits: Limits): Record<string, JsonSchema> {
  const bodies = Object.entries(requestBodySchemas(limits)).map(
    ([operation, schema]): [string, z.ZodType] => [bodyName(operation), schema],
  );
  const requests = { ...Object.fromEntries(bodies), JobOptions: jobOptionsSchema };
  return {
    ...named({ ...requests, Lane: laneSchema }, 'input'),
    ...named(answers, 'output'),
  };
}

/** One schema with everything in it, as a query parameter has it. */
export function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { ...options(io), io });
  return rest;
}

function named(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { ...options(io), io, uri: refTo });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, { $schema: _, $id: __, ...schema }]) => [
      name,
      schema,
    ]),
  );
}

function bodyName(operation: string): string {
  return `${operation.slice(0, 1).toUpperCase()}${operation.slice(1)}Request`;
}

function refTo(name: string): string {
  return `#/components/schemas/${name}`;
}

function options(io: 'input' | 'output') {
  return {
    target: 'draft-2020-12',
    // What a schema cannot say (refinements) is in its description.
    unrepresentable: 'any',
    override: ({ jsonSchema }: { jsonSchema: JsonSchema }) => tidy(jsonSchema, io),
  } as const;
}

/** Leaves out what says nothing. Answers may get further members: clients should expect them. */
function tidy(schema: JsonSchema, io: 'input' | 'output'): void {
  if (io === 'output' && schema.additionalProperties === false) delete schema.additionalProperties;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  delete schema.propertyNames;
}
