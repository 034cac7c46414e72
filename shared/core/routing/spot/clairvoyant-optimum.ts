/** A job on one market, counted in ticks of equal length. */
export interface TickJob {
  /** Whether spot can be had in each tick. */
  readonly isAvailable: readonly boolean[];
  readonly workTicks: number;
  readonly deadlineTicks: number;
  /** Ticks of set-up after each start. */
  readonly setupTicks: number;
  readonly spotUsdPerTick: number;
  readonly onDemandUsdPerTick: number;
}

/**
 * The least dollars for which a job can be done by its deadline when the whole future is known: the
 * dynamic programme over (tick, work left, what runs, set-up left). Infinity where it cannot be done.
 * Within a tick a start, a change and doing nothing are all allowed; a spot instance that is lost
 * needs its set-up again.
 */
export function clairvoyantUsd(job: TickJob): number {
  const { workTicks, setupTicks, deadlineTicks } = job;
  const width = workTicks + 1;
  // Row 0: nothing runs. Then spot, then on demand, with 0 … setupTicks of set-up left.
  const rows = 1 + 2 * (setupTicks + 1);
  const noWork = (values: Float64Array) => {
    for (let row = 0; row < rows; row += 1) values[row * width] = 0;
    return values;
  };
  let later = noWork(new Float64Array(rows * width).fill(Infinity));
  let now = noWork(new Float64Array(rows * width).fill(Infinity));
  for (let tick = deadlineTicks - 1; tick >= 0; tick -= 1) {
    fillTick(job, { later, now, hasSpot: job.isAvailable[tick] === true });
    [later, now] = [now, later];
  }
  return later[workTicks] ?? Infinity;
}

interface Tick {
  readonly later: Float64Array;
  readonly now: Float64Array;
  readonly hasSpot: boolean;
}

function fillTick(job: TickJob, { later, now, hasSpot }: Tick): void {
  const { setupTicks, workTicks, spotUsdPerTick, onDemandUsdPerTick } = job;
  const width = workTicks + 1;
  const onDemandRow = setupTicks + 2;
  // Value of letting an instance run through this tick, by its set-up left and the work left.
  const through = (firstRow: number, setupLeft: number, left: number, usd: number): number => {
    if (setupLeft > 0) return usd + (later[(firstRow + setupLeft - 1) * width + left] ?? 0);
    return usd + (later[firstRow * width + left - 1] ?? 0);
  };
  for (let left = 1; left < width; left += 1) {
    const idle = later[left] ?? 0;
    const freshOnDemand = through(onDemandRow, setupTicks, left, onDemandUsdPerTick);
    const freshSpot = hasSpot ? through(1, setupTicks, left, spotUsdPerTick) : Infinity;
    const free = Math.min(idle, freshOnDemand, freshSpot);
    now[left] = free;
    for (let setupLeft = 0; setupLeft <= setupTicks; setupLeft += 1) {
      const keepSpot = hasSpot ? through(1, setupLeft, left, spotUsdPerTick) : Infinity;
      now[(1 + setupLeft) * width + left] = Math.min(free, keepSpot);
      const keepOnDemand = through(onDemandRow, setupLeft, left, onDemandUsdPerTick);
      now[(onDemandRow + setupLeft) * width + left] = Math.min(free, keepOnDemand);
    }
  }
}
