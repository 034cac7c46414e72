/** Whether one spot instance could be had, in steps of equal length. */
export interface Availability {
  readonly stepSeconds: number;
  readonly isAvailable: readonly boolean[];
}

/**
 * A made-up market, the same for the same fractions: stays with and without capacity are
 * exponential, as independent losses are. `fraction` gives numbers in [0, 1).
 */
export function generateAvailability(
  market: {
    readonly stepSeconds: number;
    readonly steps: number;
    readonly meanUpSeconds: number;
    readonly meanDownSeconds: number;
    readonly startsAvailable: boolean;
  },
  fraction: () => number,
): Availability {
  const { stepSeconds, steps, meanUpSeconds, meanDownSeconds } = market;
  const isAvailable: boolean[] = [];
  let up = market.startsAvailable;
  while (isAvailable.length < steps) {
    const staySeconds = -Math.log(1 - fraction()) * (up ? meanUpSeconds : meanDownSeconds);
    const stay = Math.max(1, Math.round(staySeconds / stepSeconds));
    for (let step = 0; step < stay && isAvailable.length < steps; step += 1) isAvailable.push(up);
    up = !up;
  }
  return { stepSeconds, isAvailable };
}

/** Losses per hour in which an instance could be had. */
export function lossesPerHour({ stepSeconds, isAvailable }: Availability): number {
  const available = isAvailable.filter((each) => each).length;
  const losses = isAvailable.filter((each, at) => !each && isAvailable[at - 1] === true).length;
  return available === 0 ? 0 : losses / ((available * stepSeconds) / 3600);
}
