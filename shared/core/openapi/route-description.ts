import type * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import type { ErrorCode } from '../error-codes.ts';

/** Parts of the document, in the order in which a newcomer needs them. */
export const routeGroups = ['Answers', 'Jobs', 'Routing and cost', 'Service'] as const;

/** What the OpenAPI document says about a route beyond what the route table and its schemas say. */
export interface RouteDescription {
  readonly group: (typeof routeGroups)[number];
  readonly summary: string;
  /** @default - the summary says it all */
  readonly description?: string;
  /**
   * Bodies that may be sent, by name; the first is what the page's curl sends.
   *
   * @default - the route takes no body
   */
  readonly bodies?: Readonly<Record<string, unknown>>;
  /** @default - the route takes no query */
  readonly query?: z.ZodObject;
  /** @default [] */
  readonly requestHeaders?: readonly RequestHeader[];
  /** What it answers, by status; problems are in `errors`. */
  readonly answers: Readonly<Record<number, AnswerDescription>>;
  /** Problems of this route; those that every route may have are added. */
  readonly errors: readonly ErrorCode[];
}

export interface AnswerDescription {
  readonly description: string;
  /** @default - no body */
  readonly content?: AnswerContent;
  /** @default [] */
  readonly headers?: readonly AnswerHeader[];
}

/** A body: JSON of a schema, or a text of another type. */
export type AnswerContent =
  | { readonly schema: z.ZodType; readonly example: unknown }
  | { readonly type: string; readonly text: string; readonly example?: string };

/** JSON of a schema; an example that the schema does not allow does not compile. */
export function json<Schema extends z.ZodType>(
  schema: Schema,
  example: DeepReadonly<z.infer<Schema>>,
): AnswerContent {
  return { schema, example };
}

type RequestHeader = 'Prefer' | 'Idempotency-Key';
type AnswerHeader =
  | 'Location'
  | 'Retry-After'
  | 'Idempotency-Replayed'
  | 'Preference-Applied'
  | 'X-Switchyard-Complete';
