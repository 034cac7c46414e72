import * as z from 'zod';
import { type LiveState, liveStateSchema } from '#core/routing/state/live-state.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readPackageFile } from './read-package-file.ts';

/** The states that the stacks put into the package. Throws `invalid_setting` where they are no states. */
export function readRouterStates(
  file: string,
  variables: Readonly<Record<string, string | undefined>>,
): readonly LiveState[] {
  const parsed = z.array(liveStateSchema).safeParse(readPackageFile(file, variables));
  if (parsed.success) return parsed.data;
  const detail = `${file} holds no router states of this version; deploy again`;
  throw new SwitchyardError('invalid_setting', detail);
}
