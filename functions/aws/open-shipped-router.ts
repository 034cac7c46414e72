import type { JobsSettings } from '#core/deployment/function-settings.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { LiveRouter } from '#work/routing/live-router.ts';
import { RouterStates } from '#work/routing/router-states.ts';
import { createShippedRouter } from '#work/routing/shipped-router.ts';
import { readRouterStates } from './read-router-states.ts';

type Settings = Pick<JobsSettings, 'SWITCHYARD_ROUTER'>;
type Variables = Readonly<Record<string, string | undefined>>;

/** What decides over new jobs; undefined where the package has no states. */
export function openShippedRouter(
  { SWITCHYARD_ROUTER: file }: Settings,
  variables: Variables,
): Pick<LiveRouter, 'stateOf'> | undefined {
  if (file === undefined) return undefined;
  return createShippedRouter(readRouterStates(file, variables), async () => undefined);
}

/** Puts the states of this deployment into the work bucket; the next one has others in its package. */
export async function keepShippedStates(
  objectStore: ObjectStore,
  { SWITCHYARD_ROUTER: file }: Settings,
  variables: Variables,
): Promise<void> {
  if (file === undefined) return;
  const kept = new RouterStates(objectStore);
  for (const state of readRouterStates(file, variables)) await kept.store(state);
}
