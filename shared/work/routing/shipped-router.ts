import type { LiveState } from '#core/routing/state/live-state.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { LiveRouter } from './live-router.ts';

/** A router whose states came with the program; other ids are asked of `findOlder`. */
export function createShippedRouter(
  states: readonly LiveState[],
  findOlder: LiveRouter['findState'],
): LiveRouter {
  const byModel = new Map(states.map((state) => [state.router.model, state]));
  const byId = new Map(states.map((state) => [state.router.stateId, state]));
  return {
    stateOf: (model) => {
      const state = byModel.get(model);
      if (state !== undefined) return state;
      throw new SwitchyardError('model_not_found', 'the router knows no model named so');
    },
    findState: async (stateId) => byId.get(stateId) ?? (await findOlder(stateId)),
  };
}
