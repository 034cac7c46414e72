import type { DriftProfile } from '#core/drift/drift-profile.ts';
import { type DriftReport, gravestVerdict } from '#core/drift/drift-report.ts';
import {
  DRIFT_ALPHA,
  type DriftPair,
  judgeDrift,
  LEAST_ITEMS,
  type ModelDrift,
} from '#core/drift/judge-drift.ts';
import { type ProfiledModel, profileRows } from '#core/drift/profile-rows.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { utcDay } from '#core/utc-day.ts';
import {
  DRIFT_FOLDER,
  findBaseline,
  isoRange,
  keepFirstBaseline,
  pinBaseline,
} from './drift-baselines.ts';

export interface DriftPorts {
  readonly ledger: Pick<Ledger, 'read'>;
  readonly objectStore: ObjectStore;
}

/**
 * Compares a window of the ledger with what every model was before, and writes the report of its last
 * day. The first window with enough texts becomes the baseline. Doing it again gives the same report.
 */
export async function watchDrift(ports: DriftPorts, range: LedgerRange): Promise<DriftReport> {
  const found = await profileRows(ports.ledger.read(range));
  const compared = await Promise.all(found.map((each) => withBaseline(ports, each, range)));
  const drifts = judgeDrift(compared);
  const day = utcDay(range.toMillis - 1);
  const report: DriftReport = {
    ...{ schema: 1, day, ...isoRange(range), alpha: DRIFT_ALPHA },
    verdict: gravestVerdict(drifts),
    models: compared.map((each, at) => viewOf(each, drifts[at])),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(report, null, 2)}\n`);
  await ports.objectStore.put(`${DRIFT_FOLDER}${day}.json`, bytes);
  return report;
}

/**
 * Pins what every model was in this window as its baseline. Throws `invalid_request` where no model had
 * enough texts.
 */
export async function pinDriftBaseline(
  { ledger, objectStore }: DriftPorts,
  range: LedgerRange,
): Promise<readonly ProfiledModel[]> {
  const found = await profileRows(ledger.read(range));
  const enough = found.filter(({ profile }) => profile.items >= LEAST_ITEMS);
  if (enough.length === 0) {
    const most = Math.max(0, ...found.map(({ profile }) => profile.items));
    const detail = `no model had ${LEAST_ITEMS} texts in this time, the most was ${most}; name a longer one`;
    throw new SwitchyardError('invalid_request', detail);
  }
  for (const each of enough) await pinBaseline(objectStore, each, range);
  return enough;
}

interface Compared extends DriftPair {
  /** Where the baseline is from; undefined where there is none yet. */
  readonly since: { readonly from: string; readonly to: string } | undefined;
  readonly isFirst: boolean;
}

async function withBaseline(
  { objectStore }: DriftPorts,
  found: ProfiledModel,
  range: LedgerRange,
): Promise<Compared> {
  const { model, variant, profile: window } = found;
  const known = await findBaseline(objectStore, found);
  const here = isoRange(range);
  if (known !== undefined) {
    const { from, to, profile: baseline } = known;
    const isFirst = from === here.from && to === here.to;
    return { model, variant, window, baseline, since: { from, to }, isFirst };
  }
  const isFirst = window.items >= LEAST_ITEMS;
  if (isFirst) await keepFirstBaseline(objectStore, found, range);
  return { model, variant, window, baseline: window, since: isFirst ? here : undefined, isFirst };
}

function viewOf(
  { model, variant, baseline, window, ...known }: Compared,
  drift: ModelDrift | undefined,
) {
  const { since, isFirst } = known;
  return {
    ...{ model, variant, verdict: drift?.verdict ?? 'too few' },
    reason: isFirst ? 'this window is the baseline' : reasonOf(since, { window, drift }),
    baseline: since === undefined ? null : { ...since, items: baseline.items },
    features: (drift?.features ?? []).map(({ pValue: p_value, ...each }) => ({ ...each, p_value })),
    window,
  };
}

function reasonOf(
  since: Compared['since'],
  { window, drift }: { readonly window: DriftProfile; readonly drift: ModelDrift | undefined },
): string {
  if (since !== undefined) return drift?.reason ?? '';
  return `${window.items} texts; the first window with ${LEAST_ITEMS} becomes the baseline`;
}
