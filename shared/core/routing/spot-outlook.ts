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

/** Finish time of scenario `scenario` (0 is the luckiest); beyond the last row its slope goes on. */
export function scenarioSeconds(
  outlook: SpotOutlook,
  workSeconds: number,
  scenario: number,
): number {
  const { workSeconds: grid, finishSeconds } = outlook;
  let row = 1;
  while (row < grid.length - 1 && (grid[row] ?? 0) < workSeconds) row += 1;
  const from = grid[row - 1] ?? 0;
  const to = grid[row] ?? 0;
  const low = finishSeconds[row - 1]?.[scenario] ?? 0;
  const high = finishSeconds[row]?.[scenario] ?? 0;
  return low + ((high - low) * (workSeconds - from)) / (to - from);
}

/** Finish time that is not exceeded with chance `level`. */
export function outlookSecondsAt(outlook: SpotOutlook, workSeconds: number, level: number): number {
  const place = Math.min(Math.max(level * OUTLOOK_SCENARIOS - 0.5, 0), OUTLOOK_SCENARIOS - 1);
  const low = Math.floor(place);
  const lowSeconds = scenarioSeconds(outlook, workSeconds, low);
  if (low === place) return lowSeconds;
  const highSeconds = scenarioSeconds(outlook, workSeconds, low + 1);
  return lowSeconds + (highSeconds - lowSeconds) * (place - low);
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
