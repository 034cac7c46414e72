import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import {
  type LearntSpeed,
  learnSpeed,
  learntSpeedSchema,
  nothingLearnt,
} from '#core/routing/curves/learnt-speed.ts';
import type { ObservedRun } from '#core/routing/curves/update-curve.ts';
import type { LiveState, UnnamedState } from '#core/routing/state/live-state.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';
import { RouterStates } from './router-states.ts';

/** Where decisions get the state that they are made from. */
export interface LiveRouter {
  /** The state that decides now. Throws `model_not_found`. */
  stateOf(model: string): LiveState;
  /** The state of an earlier decision; undefined where none of that id was ever kept. */
  findState(stateId: string): Promise<LiveState | undefined>;
}

/** A model as the router knows it. */
export interface RoutedModel {
  readonly name: string;
  /** As measured, before anything was learnt. */
  readonly curve: {
    readonly inline: { readonly perCallSeconds: number; readonly perTokenSeconds: number };
    readonly bulkPerTokenSeconds: number;
    /** True where nobody measured it. */
    readonly isAssumed: boolean;
  };
  readonly assemble: (learnt: LearntSpeed, takenAt: string) => UnnamedState;
}

type Observation =
  | { readonly kind: 'inline'; readonly run: ObservedRun }
  | { readonly kind: 'worker'; readonly run: ObservedRun; readonly idleSeconds: number };

export interface LearningRouter extends LiveRouter {
  /** Takes in what a request or a worker took; nothing waits for it. */
  observe(model: string, observation: Observation): void;
  /** Makes a new state of each model whose observations say something new. */
  refresh(): Promise<void>;
}

/** Latest observations that count; older ones say less about the machine as it is. */
const REQUESTS = 64;
const WORKERS = 15;

interface Routed {
  readonly model: RoutedModel;
  learnt: LearntSpeed;
  state: LiveState;
  readonly inline: ObservedRun[];
  readonly bulk: ObservedRun[];
  readonly workerIdleSeconds: number[];
}

/** Every model has a durable state when it resolves. */
export async function openLiveRouter(
  ports: { readonly objectStore: ObjectStore; readonly clock: Clock },
  models: readonly RoutedModel[],
): Promise<LearningRouter> {
  const states = new RouterStates(ports.objectStore);
  const now = (): string => new Date(ports.clock.epochMillis()).toISOString();
  const opened = models.map(async (model): Promise<[string, Routed]> => {
    const known = await readUndamagedJson(
      ports.objectStore,
      learntKey(model.name),
      learntSpeedSchema,
    );
    const learnt = known ?? nothingLearnt;
    const state = await states.keep(model.assemble(learnt, now()));
    return [model.name, { model, learnt, state, inline: [], bulk: [], workerIdleSeconds: [] }];
  });
  const routed = new Map(await Promise.all(opened));

  async function refreshOne(each: Routed): Promise<void> {
    const learnt = learnSpeed(each.learnt, each.model.curve, each);
    if (learnt === each.learnt) return;
    const { name } = each.model;
    // First what a restart starts from, then the state: an answer never names one that is not kept.
    await ports.objectStore.put(learntKey(name), encodeJson(learnt));
    each.state = await states.keep(each.model.assemble(learnt, now()));
    each.learnt = learnt;
    each.inline.length = 0;
  }

  return {
    stateOf: (model) => {
      const state = routed.get(model)?.state;
      if (state !== undefined) return state;
      throw new SwitchyardError('model_not_found', `the router knows no model named so`);
    },
    findState: (stateId) => states.find(stateId),
    observe: (model, observation) => {
      const each = routed.get(model);
      if (each !== undefined) take(each, observation);
    },
    refresh: async () => {
      for (const each of routed.values()) await refreshOne(each);
    },
  };
}

function learntKey(model: string): string {
  return `work/router/learnt/${model}.json`;
}

function take(each: Routed, observation: Observation): void {
  if (observation.kind === 'inline') {
    push(each.inline, observation.run, REQUESTS);
    return;
  }
  push(each.bulk, observation.run, WORKERS);
  push(each.workerIdleSeconds, observation.idleSeconds, WORKERS);
}

function push<Value>(window: Value[], value: Value, most: number): void {
  window.push(value);
  if (window.length > most) window.shift();
}
