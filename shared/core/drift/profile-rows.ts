import type { LedgerRow } from '../cost/ledger-row.ts';
import type { PredictionDigest } from '../predictions/prediction-digest.ts';
import { countItem, type DriftProfile, emptyProfile } from './drift-profile.ts';

/** A model as it answered: drift of one file says nothing of another. */
export interface ProfiledModel {
  readonly model: string;
  readonly variant: string;
  readonly profile: DriftProfile;
}

/** Profiles of every model and variant in rows of a ledger; memory grows with models, never with rows. */
export async function profileRows(
  rows: AsyncIterable<LedgerRow>,
): Promise<readonly ProfiledModel[]> {
  const profiler = new RowProfiler();
  for await (const { source, model, digest } of rows) {
    if (source === 'request' && model !== null && digest !== undefined) profiler.add(model, digest);
  }
  return profiler.profiles();
}

class RowProfiler {
  readonly #profiles = new Map<string, ProfiledModel>();
  /** Requests that failed as a whole, by model: most before it was known which file would answer. */
  readonly #failed = new Map<string, number>();

  add(model: string, digest: PredictionDigest): void {
    if (digest.status >= 500) this.#failed.set(model, (this.#failed.get(model) ?? 0) + 1);
    if (digest.variant === null) return;
    const profile = this.#profileOf(model, digest.variant);
    for (const item of digest.items) countItem(profile, item);
  }

  profiles(): readonly ProfiledModel[] {
    const found = [...this.#profiles.values()];
    for (const { model, profile } of found) {
      const failed = this.#failed.get(model) ?? 0;
      profile.failed += failed;
      profile.items += failed;
    }
    return found.sort((left, right) => (nameOf(left) < nameOf(right) ? -1 : 1));
  }

  #profileOf(model: string, variant: string): DriftProfile {
    const name = nameOf({ model, variant });
    const known = this.#profiles.get(name);
    if (known !== undefined) return known.profile;
    const profile = emptyProfile();
    this.#profiles.set(name, { model, variant, profile });
    return profile;
  }
}

function nameOf({ model, variant }: Pick<ProfiledModel, 'model' | 'variant'>): string {
  return `${model} ${variant}`;
}
