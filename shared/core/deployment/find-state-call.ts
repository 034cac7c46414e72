import * as z from 'zod';
import { type LiveState, liveStateSchema } from '../routing/state/live-state.ts';

/** The payload of an Invoke that asks the jobs function for a router's state of an earlier deployment. */
export const findStateCallSchema = z.strictObject({
  kind: z.literal('find-state'),
  stateId: z.string().max(64),
});

/** `state` is not there where none of that id was kept. */
const findStateReplySchema = z.object({ state: liveStateSchema.optional() });

/** Undefined where there is none, or the other side knows no such call. */
export function readFindStateReply(reply: unknown): LiveState | undefined {
  return findStateReplySchema.safeParse(reply).data?.state;
}
