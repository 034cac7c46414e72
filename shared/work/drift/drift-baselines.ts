import { type DriftBaseline, driftBaselineSchema } from '#core/drift/drift-report.ts';
import type { ProfiledModel } from '#core/drift/profile-rows.ts';
import type { LedgerRange } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Folder of all that drift leaves, in the users' bucket. */
export const DRIFT_FOLDER = 'bucket/reports/drift/';

/** Undefined where none was kept. Throws `corrupt_object` for one that cannot be read. */
export async function findBaseline(
  objectStore: ObjectStore,
  model: Pick<ProfiledModel, 'model' | 'variant'>,
): Promise<DriftBaseline | undefined> {
  const key = keyOf(model);
  const bytes = await objectStore.read(key);
  if (bytes === undefined) return undefined;
  try {
    return driftBaselineSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    const detail = `${key} is no readable baseline; pin another by switchyard drift baseline`;
    throw new SwitchyardError('corrupt_object', detail, { cause });
  }
}

/** Keeps a profile as the baseline, over any that is there. */
export async function pinBaseline(
  objectStore: ObjectStore,
  found: ProfiledModel,
  range: LedgerRange,
): Promise<void> {
  await objectStore.put(keyOf(found), bytesOf(found, range));
}

/** Keeps a profile as the first baseline; false where there is one already. */
export async function keepFirstBaseline(
  objectStore: ObjectStore,
  found: ProfiledModel,
  range: LedgerRange,
): Promise<boolean> {
  return await objectStore.putIfAbsent(keyOf(found), bytesOf(found, range));
}

function keyOf({ model, variant }: Pick<ProfiledModel, 'model' | 'variant'>): string {
  return `${DRIFT_FOLDER}baselines/${model}/${variant}.json`;
}

function bytesOf({ profile }: ProfiledModel, range: LedgerRange): Uint8Array {
  const baseline: DriftBaseline = { schema: 1, ...isoRange(range), profile };
  return new TextEncoder().encode(`${JSON.stringify(baseline)}\n`);
}

export function isoRange({ fromMillis, toMillis }: LedgerRange) {
  return { from: new Date(fromMillis).toISOString(), to: new Date(toMillis).toISOString() };
}
