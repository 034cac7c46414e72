import { SwitchyardError } from '../../switchyard-error.ts';
import { type Availability, generateAvailability } from '../spot/availability.ts';
import type { TraceRow } from './arrivals.ts';

/** A step of a trace is cut into pieces of at most so long: short jobs are not rounded up to it. */
const LONGEST_STEP_SECONDS = 60;

/**
 * Zones of a run-length encoded availability trace: columns `trace_id`, `gap_seconds`, `duration_s`,
 * `nodes_available`, and perhaps `nodes_requested`, of which only single instances are taken. Throws
 * `invalid_setting` naming what is missing.
 */
export function readSpotZones(rows: readonly TraceRow[]): ReadonlyMap<string, Availability> {
  const zones = new Map<
    string,
    { readonly stepSeconds: number; readonly isAvailable: boolean[] }
  >();
  for (const [at, row] of rows.entries()) {
    const { trace_id: id = '', nodes_requested: nodes = '1' } = row;
    if (nodes !== '1') continue;
    const gapSeconds = numberIn(row, 'gap_seconds', at);
    const pieces = Math.ceil(gapSeconds / LONGEST_STEP_SECONDS);
    const zone = zones.get(id) ?? { stepSeconds: gapSeconds / pieces, isAvailable: [] };
    zones.set(id, zone);
    const steps = Math.round(numberIn(row, 'duration_s', at) / gapSeconds) * pieces;
    const isAvailable = numberIn(row, 'nodes_available', at) > 0;
    for (let step = 0; step < steps; step += 1) zone.isAvailable.push(isAvailable);
  }
  if (zones.size > 0) return zones;
  const detail = 'the file holds no trace of single instances (nodes_requested = 1)';
  throw new SwitchyardError('invalid_setting', detail);
}

function numberIn(row: TraceRow, column: string, at: number): number {
  const value = Number(row[column]);
  if (row[column] !== undefined && Number.isFinite(value)) return value;
  throw new SwitchyardError('invalid_setting', `line ${at + 2}: ${column} is a number`);
}

/**
 * Nine made-up zones over 45 days, the same for the same fractions: from 17 to 91 % available, with
 * 0.1 to 1.4 losses per available hour, as zones were recorded in 2023.
 */
export function generateSpotZones(
  stepSeconds: number,
  fraction: () => number,
): ReadonlyMap<string, Availability> {
  const zones = new Map<string, Availability>();
  for (let zone = 0; zone < 9; zone += 1) {
    const meanUpSeconds = 3_600 / (0.1 + 0.16 * zone);
    const share = 0.91 - 0.09 * zone;
    const market = {
      stepSeconds,
      steps: Math.round((45 * 86_400) / stepSeconds),
      meanUpSeconds,
      meanDownSeconds: (meanUpSeconds * (1 - share)) / share,
      startsAvailable: true,
    };
    zones.set(`generated-${zone}`, generateAvailability(market, fraction));
  }
  return zones;
}
