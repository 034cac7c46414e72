import { type ArrivalHistory, type ReplayOutcome, replayArrivals } from './replay-arrivals.ts';

export interface KeepChoice {
  readonly environments: number;
  readonly replay: ReplayOutcome;
  /** Cold starts that the pings take off the callers over the history. */
  readonly avoided: number;
}

/**
 * How many environments pings should keep, so that at most `coldShare` of the requests of this history
 * would have met a cold start; never more than were busy at once, since more cannot help. Traffic
 * decides: a quiet night gives 0 or 1, a busy one as many as its base concurrency.
 */
export function environmentsToKeep(
  history: ArrivalHistory,
  target: { readonly coldShare: number; readonly most: number },
): KeepChoice {
  const without = replayArrivals(history, 0);
  const most = Math.min(target.most, without.peakEnvironments);
  let choice: KeepChoice = { environments: 0, replay: without, avoided: 0 };
  for (let kept = 1; kept <= most && !isMet(choice, target.coldShare); kept += 1) {
    const replay = replayArrivals(history, kept);
    choice = { environments: kept, replay, avoided: without.coldStarts - replay.coldStarts };
  }
  return choice;
}

function isMet({ replay }: KeepChoice, coldShare: number): boolean {
  return replay.coldStarts <= coldShare * replay.requests;
}

/** One choice per hour of the day, for a schedule that follows the traffic. */
export function scheduleOfDay(
  history: ArrivalHistory,
  target: { readonly coldShare: number; readonly most: number },
): readonly number[] {
  const hourMillis = 3_600_000;
  return Array.from({ length: 24 }, (_, hour) => {
    const isOfHour = (millis: number) => Math.floor(millis / hourMillis) % 24 === hour;
    const arrivalMillis = history.arrivalMillis.filter(isOfHour);
    return environmentsToKeep({ ...history, arrivalMillis }, target).environments;
  });
}
