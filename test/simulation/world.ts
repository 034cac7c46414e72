import { type SeededRandom, seededRandom } from '../fixtures/harness/random.ts';
import type { FaultProfile } from './fault-profile.ts';
import type { SimulatedBucket } from './simulated-bucket.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What all parts of one simulated run share. */
export interface World {
  readonly time: VirtualTime;
  /** Every accident of the run comes from here, in the order of the events. */
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly faults: FaultProfile;
  readonly bucket: SimulatedBucket;
  /** Job of each worker, by the name of its process. */
  readonly workers: Map<string, string>;
  /** Processes that have changed anything in the bucket. */
  readonly writers: Set<string>;
  /** How often what happened, by name. */
  readonly counts: Map<string, number>;
  /** Something is wrong that never may be: the run ends here. */
  readonly violate: (what: string) => void;
}

/** Independent numbers for another purpose of the same seed. */
export function streamOf(seed: number, purpose: number): SeededRandom {
  return seededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(purpose, 0x85ebca6b));
}

/** A delay with the given mean: mostly short, seldom long. */
export function drawDelay(random: SeededRandom, meanMillis: number): number {
  return -Math.log(1 - random.fraction()) * meanMillis;
}

export function count(world: Pick<World, 'counts'>, what: string): void {
  world.counts.set(what, (world.counts.get(what) ?? 0) + 1);
}
