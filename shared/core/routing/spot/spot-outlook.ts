import * as z from 'zod';

/** Scenarios of a spot outlook: equally likely, from the luckiest to the unluckiest. */
export const OUTLOOK_SCENARIOS = 40;

const rowSchema = z.array(z.number().nonnegative()).length(OUTLOOK_SCENARIOS);

/**
 * How long work takes on one spot instance that is waited for, lost and waited for again:
 * `finishSeconds[i][s]` for `workSeconds[i]` of undisturbed work in scenario s, counted from now.
 * Waiting for capacity, every set-up and repeated work are in it.
 */
export const spotOutlookSchema = z
  .strictObject({
    workSeconds: z.array(z.number().nonnegative()).min(2),
    finishSeconds: z.array(rowSchema).min(2),
  })
  .refine(({ workSeconds, finishSeconds }) => workSeconds.length === finishSeconds.length, {
    error: 'one row of finish times per amount of work',
  })
  .refine(moreWorkTakesLonger, 'more work must take at least as much longer, in every scenario');
export type SpotOutlook = z.infer<typeof spotOutlookSchema>;

/** Two neighbouring rows of an outlook, and how far an amount of work lies between them. */
interface OutlookPlace {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Above 1 beyond the last row: its slope goes on. */
  readonly share: number;
}

function placeOf({ workSeconds: grid, finishSeconds }: SpotOutlook, work: number): OutlookPlace {
  let row = 1;
  while (row < grid.length - 1 && (grid[row] ?? 0) < work) row += 1;
  const from = grid[row - 1] ?? 0;
  return {
    low: finishSeconds[row - 1] ?? [],
    high: finishSeconds[row] ?? [],
    share: (work - from) / ((grid[row] ?? 0) - from),
  };
}

/** Finish time of each scenario, the luckiest first. */
export function scenarioSeconds(outlook: SpotOutlook, workSeconds: number): readonly number[] {
  const place = placeOf(outlook, workSeconds);
  return place.low.map((_, scenario) => secondsOf(place, scenario));
}

function secondsOf({ low, high, share }: OutlookPlace, scenario: number): number {
  const lowSeconds = low[scenario] ?? 0;
  return lowSeconds + ((high[scenario] ?? 0) - lowSeconds) * share;
}

/** Finish time that is not exceeded with chance `level`. */
export function outlookSecondsAt(outlook: SpotOutlook, workSeconds: number, level: number): number {
  const at = Math.min(Math.max(level * OUTLOOK_SCENARIOS - 0.5, 0), OUTLOOK_SCENARIOS - 1);
  const place = placeOf(outlook, workSeconds);
  const lowSeconds = secondsOf(place, Math.floor(at));
  if (Math.floor(at) === at) return lowSeconds;
  return lowSeconds + (secondsOf(place, Math.floor(at) + 1) - lowSeconds) * (at - Math.floor(at));
}

function moreWorkTakesLonger(outlook: {
  readonly workSeconds: readonly number[];
  readonly finishSeconds: readonly (readonly number[])[];
}): boolean {
  const { workSeconds, finishSeconds } = outlook;
  return workSeconds.every((work, row) => {
    if (row === 0) return true;
    const longer = work - (workSeconds[row - 1] ?? 0);
    // A millisecond for numbers that were rounded when they were written.
    return (
      longer > 0 &&
      (finishSeconds[row] ?? []).every(
        (seconds, at) => seconds - (finishSeconds[row - 1]?.[at] ?? 0) >= longer - 0.001,
      )
    );
  });
}
