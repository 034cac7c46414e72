import { SwitchyardError } from '../switchyard-error.ts';
import type { Lane } from './lane.ts';
import type { Limits } from './limits.ts';

/** Where a request of texts is answered: in the response, or as a job that the response names. */
export type Placement =
  | { readonly kind: 'inline'; readonly reason: string }
  | {
      readonly kind: 'job';
      readonly reason: 'lane-requested' | 'async-preferred';
      /** The lane to ask for; undefined leaves it to the planner. */
      readonly lane: Lane | undefined;
    };

/** Decides by number of items, the caller's lane and `Prefer`. Throws `too_many_items`. */
export function placeRequest(
  request: {
    readonly items: number;
    readonly lane: Lane | undefined;
    readonly prefersAsync: boolean;
  },
  limits: Limits,
): Placement {
  if (request.items > limits.requestItems) throw tooManyItems(request.items, limits);
  // `cpu` is the lane inside the request, so it cannot be the lane of a job.
  const jobLane = request.lane === 'cpu' ? undefined : request.lane;
  if (jobLane !== undefined) return { kind: 'job', reason: 'lane-requested', lane: jobLane };
  if (request.items <= limits.inlineItems) {
    return { kind: 'inline', reason: `up to ${limits.inlineItems} items are answered inline` };
  }
  if (request.lane !== undefined) return { kind: 'job', reason: 'lane-requested', lane: undefined };
  if (request.prefersAsync) return { kind: 'job', reason: 'async-preferred', lane: undefined };
  throw new SwitchyardError(
    'too_many_items',
    `${request.items} items; one answer holds ${limits.inlineItems}. Split the request, or send it ` +
      'again with "Prefer: respond-async" (or a lane) to have it run as a job.',
    { members: { limit_items: limits.inlineItems, received_items: request.items } },
  );
}

/**
 * Refuses a member that holds more items than any request may, before each of them is looked at.
 * Anything but an array is left to the schema.
 */
export function refuseTooManyItems(body: unknown, member: string, limits: Limits): void {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, member)) return;
  const items: unknown = Reflect.get(body, member);
  if (Array.isArray(items) && items.length > limits.requestItems) {
    throw tooManyItems(items.length, limits);
  }
}

function tooManyItems(received: number, limits: Limits): SwitchyardError {
  return new SwitchyardError(
    'too_many_items',
    `${received} items; one request holds ${limits.requestItems}. Put them into a file and send ` +
      'POST /jobs with its address.',
    { members: { limit_items: limits.requestItems, received_items: received } },
  );
}
