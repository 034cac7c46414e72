import { sampleAt } from '../curves/quantiles.ts';
import type { Availability } from './availability.ts';
import { OUTLOOK_SCENARIOS, type SpotOutlook } from './spot-outlook.ts';

export interface OutlookOptions {
  /** From the launch of an instance to its first row; each start after a loss needs it again. */
  readonly setupSeconds: number;
  /** Work undone by a loss. */
  readonly reworkSeconds: number;
  /** Whether there is capacity now. Undefined: not known. */
  readonly isAvailableNow: boolean | undefined;
  /**
   * Most starts that are followed.
   *
   * @default 400
   */
  readonly starts?: number;
}

/** Undisturbed work, in seconds, for which finish times are kept: 0, then from 5 minutes to 2 days. */
const workGrid = [
  0, 300, 600, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 86_400,
  172_800,
];

/** What never ends in the history is taken to end then. */
const LONGEST_SECONDS = 60 * 86_400;

/**
 * Reads off a market's history how long work would have taken from each moment that looked like now.
 * The history goes round: after its end it begins again. Give it about a week: older ones mislead.
 */
export function measureOutlook(history: Availability, options: OutlookOptions): SpotOutlook {
  const starts = startsLike(history, options);
  const columns = workGrid.map((): number[] => []);
  for (const start of starts) {
    for (const [row, seconds] of followWork(history, start, options).entries()) {
      columns[row]?.push(seconds);
    }
  }
  return {
    workSeconds: [...workGrid],
    finishSeconds: columns.map((column) => {
      const sorted = column.toSorted((left, right) => left - right);
      return Array.from({ length: OUTLOOK_SCENARIOS }, (_, at) =>
        sampleAt(sorted, (at + 0.5) / OUTLOOK_SCENARIOS),
      );
    }),
  };
}

/** Share of the moments in the same state that count as alike: those of nearest age. */
const ALIKE_SHARE = 0.5;

/**
 * Share of the followed starts that are any moments: a market changes, and one that looks hopeless or
 * safe for a week is less so in the next hour. Without them, chances of 15 to 45 % came true about
 * seven points more often on the recorded zones.
 */
const ANY_SHARE = 0.15;

/**
 * Moments of the history that looked like now: in the same state, and for about as long already. An
 * outage of minutes ends sooner than one of days.
 */
function startsLike({ isAvailable }: Availability, options: OutlookOptions): readonly number[] {
  const { isAvailableNow, starts = 400 } = options;
  const ages = agesOf(isAvailable);
  const all = [...isAvailable.keys()];
  const same = all.filter((at) => isAvailable[at] === isAvailableNow);
  const from = same.length === 0 ? all : nearestAge(same, ages, ageNow(isAvailable, options));
  const anyCount = Math.round(ANY_SHARE * starts);
  return [...spread(from, starts - anyCount), ...spread(all, anyCount)];
}

/** Evenly chosen. */
function spread(moments: readonly number[], most: number): readonly number[] {
  const step = Math.max(1, moments.length / most);
  const count = Math.min(most, moments.length);
  return Array.from({ length: count }, (_, at) => moments[Math.floor(at * step)] ?? 0);
}

/** Steps since the state last changed. */
function agesOf(isAvailable: readonly boolean[]): readonly number[] {
  let age = 0;
  return isAvailable.map((each, at) => {
    age = each === isAvailable[at - 1] ? age + 1 : 0;
    return age;
  });
}

function ageNow(isAvailable: readonly boolean[], { isAvailableNow }: OutlookOptions): number {
  const changed = isAvailable.findLastIndex((each) => each !== isAvailableNow);
  return isAvailable.length - 1 - changed;
}

function nearestAge(
  same: readonly number[],
  ages: readonly number[],
  age: number,
): readonly number[] {
  const distance = (at: number) => Math.abs(Math.log(((ages[at] ?? 0) + 1) / (age + 1)));
  const count = Math.max(50, Math.ceil(same.length * ALIKE_SHARE));
  const nearest = same.toSorted((left, right) => distance(left) - distance(right)).slice(0, count);
  return nearest.sort((left, right) => left - right);
}

/** Work on one spot instance at a time. */
interface SpotRun {
  setupLeft: number;
  doneSeconds: number;
}

/** Finish times of the grid for work that starts to wait at step `start`. */
function followWork(
  { stepSeconds, isAvailable }: Availability,
  start: number,
  options: OutlookOptions,
): readonly number[] {
  const finishSeconds: number[] = [];
  const run: SpotRun = { setupLeft: options.setupSeconds, doneSeconds: 0 };
  for (let step = 0; step * stepSeconds <= LONGEST_SECONDS; step += 1) {
    const canRun = isAvailable[(start + step) % isAvailable.length] === true;
    const setupSeconds = canRun ? advance(run, stepSeconds) : lose(run, options);
    if (run.setupLeft > 0) continue;
    for (const surplus of surplusesOf(run, finishSeconds.length)) {
      finishSeconds.push(step * stepSeconds + Math.max(setupSeconds, stepSeconds - surplus));
    }
    if (finishSeconds.length === workGrid.length) return finishSeconds;
  }
  const rest = workGrid.slice(finishSeconds.length);
  return [...finishSeconds, ...rest.map((work) => LONGEST_SECONDS + work)];
}

/** For each amount of work that is done now and was not before: what is done beyond it. */
function surplusesOf({ doneSeconds }: SpotRun, knownRows: number): readonly number[] {
  return workGrid
    .slice(knownRows)
    .filter((work) => work <= doneSeconds)
    .map((work) => doneSeconds - work);
}

/** One step with an instance; gives the part of it that was set-up. */
function advance(run: SpotRun, stepSeconds: number): number {
  const setupSeconds = Math.min(run.setupLeft, stepSeconds);
  run.setupLeft -= setupSeconds;
  run.doneSeconds += stepSeconds - setupSeconds;
  return setupSeconds;
}

/** One step without. An instance that had been started is gone, and its last work with it. */
function lose(run: SpotRun, { setupSeconds, reworkSeconds }: OutlookOptions): number {
  if (run.setupLeft === 0) run.doneSeconds = Math.max(0, run.doneSeconds - reworkSeconds);
  run.setupLeft = setupSeconds;
  return 0;
}
