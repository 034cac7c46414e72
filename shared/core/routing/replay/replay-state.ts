import type { LaneRates } from '../../cost/lane-rates.ts';
import type { MeasuredCurve } from '../curves/model-curves.ts';
import { constantTime } from '../curves/quantiles.ts';
import { measureOutlook } from '../spot/measure-outlook.ts';
import { assembleState } from '../state/assemble-state.ts';
import type { RouterState } from '../state/router-state.ts';
import { fixedStarts } from './replay-job.ts';

/** A deployment whose decisions are replayed. */
export interface ReplayDeployment {
  readonly model: string;
  readonly curve: MeasuredCurve;
  readonly rates: LaneRates;
  readonly instanceType: string;
  readonly fleetWidth: number;
  /** From the launch of an instance to its first row. */
  readonly setupSeconds: number;
}

const MEMORY_MIB = 1_769;
const DISK_GIB = 30;
/** A cell of 256 KiB of short texts. */
const CELL_TOKENS = 40_000;

/** Its state before a job's own zone is put in. */
export function replayStateOf(deployment: ReplayDeployment): RouterState {
  const { model, curve, rates, instanceType, fleetWidth, setupSeconds } = deployment;
  const always = { stepSeconds: 60, isAvailable: [true] };
  const outlook = measureOutlook(always, {
    setupSeconds,
    reworkSeconds: 0,
    isAvailableNow: true,
    starts: 1,
  });
  const facts = {
    model,
    takenAt: '1970-01-01T00:00:00Z',
    target: 0.99,
    inlineItems: 32,
    memoryMib: MEMORY_MIB,
    coldShare: 0,
    fleetWidth,
    cellTokens: CELL_TOKENS,
    gpuPools: [
      {
        instanceType,
        maxInstances: 1,
        start: constantTime(setupSeconds),
        billedSetupSeconds: Math.max(60, setupSeconds),
        billedDrainSeconds: 0,
        diskGib: DISK_GIB,
        spot: { outlook, lossesPerHour: 0, reworkSeconds: 0 },
      },
    ],
  };
  return fixedStarts({ ...assembleState(facts, curve, rates), stateId: 'replay-0001' });
}
