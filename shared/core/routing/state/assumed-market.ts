import { type Availability, generateAvailability, lossesPerHour } from '../spot/availability.ts';
import { measureOutlook } from '../spot/measure-outlook.ts';
import type { GpuPool } from './router-state.ts';

/** From the launch of an instance to its first row: boot, image, model. */
export const ASSUMED_SETUP_SECONDS = 300;
const REWORK_SECONDS = 30;

export const assumedMarketText =
  'spot as nobody measured it here: capacity for 4 h at a time, then none for half an hour, on average';

type SpotFacts = Pick<NonNullable<GpuPool['spot']>, 'outlook' | 'lossesPerHour' | 'reworkSeconds'>;

/** What a spot pool is taken to be like while no history of its zones is known; always the same. */
export function assumedSpot(): SpotFacts {
  const history: Availability = generateAvailability(
    {
      stepSeconds: 60,
      steps: 10_080,
      meanUpSeconds: 4 * 3_600,
      meanDownSeconds: 1_800,
      startsAvailable: true,
    },
    evenFractions(),
  );
  const outlook = measureOutlook(history, {
    setupSeconds: ASSUMED_SETUP_SECONDS,
    reworkSeconds: REWORK_SECONDS,
    isAvailableNow: true,
    starts: 100,
  });
  return { outlook, lossesPerHour: lossesPerHour(history), reworkSeconds: REWORK_SECONDS };
}

/** Fractions that fill [0, 1) evenly, the same in every process: multiples of the golden ratio. */
function evenFractions(): () => number {
  let at = 0;
  return () => {
    at += 1;
    return (at * 0.618_033_988_749_895) % 1;
  };
}
