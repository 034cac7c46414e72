import { chanceBy } from '../curves/quantiles.ts';
import { measureOutlook } from '../spot/measure-outlook.ts';
import { runSpotJob } from '../spot/run-spot-job.ts';
import { outlookSecondsAt } from '../spot/spot-outlook.ts';
import type { SpotPolicy } from '../spot/spot-policy.ts';
import type { ReplayJob } from './replay-job.ts';

/** Jobs whose quoted chance fell into one tenth. */
export interface Decile {
  readonly quotes: number;
  /** Mean quoted chance, and the share that was on time. */
  readonly quoted: number;
  readonly observed: number;
}

const spotAlone: SpotPolicy = ({ isAvailable }) => (isAvailable ? 'spot' : 'idle');
const workSeconds = [125, 1_250, 5_000, 12_500];
const deadlineSeconds = [900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400];

/**
 * Quotes spot alone, where chances of all sizes occur, at the moments of the jobs, for several amounts
 * of work and deadlines, and compares with what then happened. What no luck could make is not quoted.
 */
export function calibrate(moments: readonly ReplayJob[], setupSeconds: number): readonly Decile[] {
  const tenths = Array.from({ length: 10 }, () => ({ quotes: 0, quoted: 0, observed: 0 }));
  for (const { chance, isOnTime } of moments.flatMap((each) => quotesAt(each, setupSeconds))) {
    const tenth = tenths[Math.min(9, Math.floor(chance * 10))];
    if (tenth === undefined) continue;
    tenth.quotes += 1;
    tenth.quoted += chance;
    tenth.observed += isOnTime ? 1 : 0;
  }
  return tenths.map(({ quotes, quoted, observed }) => ({
    quotes,
    quoted: quoted / quotes,
    observed: observed / quotes,
  }));
}

function quotesAt(moment: ReplayJob, setupSeconds: number) {
  const past = { stepSeconds: moment.stepSeconds, isAvailable: moment.past };
  const isAvailableNow = moment.future[0] === true;
  const options = { setupSeconds, reworkSeconds: 0, isAvailableNow, starts: 100 };
  const outlook = measureOutlook(past, options);
  return workSeconds.flatMap((work) => {
    const endSeconds = endOf(moment, work, setupSeconds);
    const possible = deadlineSeconds.filter((deadline) => deadline >= work + setupSeconds);
    return possible.map((deadline) => ({
      chance: chanceBy((level) => outlookSecondsAt(outlook, work, level), deadline),
      isOnTime: endSeconds <= deadline,
    }));
  });
}

function endOf({ future, stepSeconds }: ReplayJob, work: number, setupSeconds: number): number {
  const end = runSpotJob(
    {
      isAvailable: future,
      workTicks: Math.ceil(work / stepSeconds),
      setupTicks: Math.ceil(setupSeconds / stepSeconds),
      deadlineTicks: 0,
      spotUsdPerTick: 0,
      onDemandUsdPerTick: 0,
    },
    spotAlone,
  );
  return (end.endTick ?? Infinity) * stepSeconds;
}
