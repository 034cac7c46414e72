import type { SeededRandom } from '../fixtures/harness/random.ts';

/** How bad the world is in one seed. Shares are chances per request, 0–1. */
export interface FaultProfile {
  /** From then on nothing fails any more, and every job must end. */
  readonly endsAtMillis: number;
  /** Mean way of a request to a service and of its answer back, together. */
  readonly latencyMillis: number;
  /** 5xx or a reset: the request had no effect. */
  readonly refused: number;
  /** The request took effect and its answer was lost. */
  readonly answerLost: number;
  /** The caller gave up, and the request takes effect later, perhaps after its own retry. */
  readonly late: number;
  /** No answer for 30 s, no effect. */
  readonly hangs: number;
  /** 409 for a conditional write that races nobody. */
  readonly conflict: number;
  /** A body that breaks off. */
  readonly brokenBody: number;
  /** Stretches in which nearly every request is refused. */
  readonly bursts: readonly { readonly fromMillis: number; readonly toMillis: number }[];
  /** Mean time between two blows to running workers; Infinity for none. */
  readonly workerBlowMillis: number;
  /** Mean time between two crashes of the server or of one of its functions. */
  readonly serverBlowMillis: number;
  /** Share of calls in which the process that runs the model dies. */
  readonly modelLost: number;
  /** Time of the model for one text. */
  readonly textMillis: number;
  readonly isSkewed: boolean;
  /** Share of queue events that are lost, and of those that come twice. */
  readonly eventLost: number;
  readonly eventDoubled: number;
  /** No worker starts before. */
  readonly capacityFromMillis: number;
}

/** From a calm world, in one seed of ten, to one where every request may go wrong in every way. */
export function drawFaults(random: SeededRandom): FaultProfile {
  const isCalm = random.below(10) === 0;
  const heat = isCalm ? 0 : random.fraction() ** 2;
  const some = (share: number) => (random.below(3) === 0 ? 0 : share * heat * random.fraction());
  const blows = (meanMillis: number) =>
    isCalm || random.below(3) === 0 ? Infinity : meanMillis * (0.2 + random.fraction());
  const endsAtMillis = 20_000 + random.below(160_000);
  return {
    endsAtMillis,
    latencyMillis: 5 + random.below(60),
    refused: some(0.15),
    answerLost: some(0.15),
    late: some(0.05),
    hangs: some(0.01),
    conflict: some(0.1),
    brokenBody: some(0.1),
    bursts: isCalm ? [] : drawBursts(random, endsAtMillis),
    workerBlowMillis: blows(6_000),
    serverBlowMillis: blows(30_000),
    modelLost: some(0.1),
    textMillis: 2 ** random.below(8),
    isSkewed: !isCalm && random.below(2) === 0,
    eventLost: isCalm ? 0 : 0.2,
    eventDoubled: isCalm ? 0 : 0.2,
    capacityFromMillis: random.below(8) === 0 ? random.below(120_000) : 0,
  };
}

function drawBursts(random: SeededRandom, endsAtMillis: number): FaultProfile['bursts'] {
  return Array.from({ length: random.below(3) }, () => {
    const fromMillis = random.below(endsAtMillis);
    return { fromMillis, toMillis: fromMillis + random.below(20_000) };
  });
}

/** Way of a request: none goes wrong after the end of the faults. */
export type RequestFate = 'fine' | 'refused' | 'answerLost' | 'late' | 'hangs' | 'conflict';

export function drawFate(
  faults: FaultProfile,
  nowMillis: number,
  random: SeededRandom,
): RequestFate {
  if (nowMillis >= faults.endsAtMillis) return 'fine';
  const isBurst = faults.bursts.some(
    (burst) => nowMillis >= burst.fromMillis && nowMillis < burst.toMillis,
  );
  if (isBurst && random.fraction() < 0.9) return 'refused';
  let draw = random.fraction();
  for (const fate of ['refused', 'answerLost', 'late', 'hangs', 'conflict'] as const) {
    if (draw < faults[fate]) return fate;
    draw -= faults[fate];
  }
  return 'fine';
}
