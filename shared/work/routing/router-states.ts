import { createHash } from 'node:crypto';
import type { ObjectStore } from '#core/ports/object-store.ts';
import {
  type LiveState,
  liveStateSchema,
  type UnnamedState,
} from '#core/routing/state/live-state.ts';
import { nameState } from '#core/routing/state/name-state.ts';
import { encodeJson, readUndamagedJson } from '../records/read-json-object.ts';

const STATES = 'work/router/states/';
/** States that are asked about again soon, such as by whoever explains a batch of answers. */
const REMEMBERED = 64;

/** Router states under their ids: what decided yesterday can be asked today. */
export class RouterStates {
  readonly #objectStore: ObjectStore;
  readonly #remembered = new Map<string, LiveState>();

  constructor(objectStore: ObjectStore) {
    this.#objectStore = objectStore;
  }

  /** Durable when it resolves. The same content has the same id, whenever it was put together. */
  async keep(content: UnnamedState): Promise<LiveState> {
    const state = nameState(content, (text) => createHash('sha256').update(text).digest('hex'));
    const isNew = await this.store(state);
    // The same content was there before: its time is the one that was told with the id.
    const kept = isNew ? state : ((await this.find(state.router.stateId)) ?? state);
    this.#remember(kept);
    return kept;
  }

  /** Keeps a state under the id that it has; false where one of that id was kept before. */
  async store(state: LiveState): Promise<boolean> {
    return await this.#objectStore.putIfAbsent(STATES + state.router.stateId, encodeJson(state));
  }

  async find(stateId: string): Promise<LiveState | undefined> {
    if (!/^rs-[0-9a-f]{24}$/.test(stateId)) return undefined;
    const known = this.#remembered.get(stateId);
    if (known !== undefined) return known;
    const found = await readUndamagedJson(this.#objectStore, STATES + stateId, liveStateSchema);
    if (found !== undefined) this.#remember(found);
    return found;
  }

  #remember(state: LiveState): void {
    this.#remembered.set(state.router.stateId, state);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
  }
}
