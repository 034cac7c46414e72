import type { Assumptions } from './assumptions.ts';
import { SENSITIVITY } from './curves.ts';
import type { Workload } from './workload.ts';

/** What the bill is when one input is 30 % less or more. */
export interface Sensitivity {
  readonly input: string;
  readonly lowUsd: number;
  readonly highUsd: number;
}

interface Input {
  readonly input: string;
  readonly assume?: (a: Assumptions, factor: number) => Assumptions;
  readonly load?: (workload: Workload, factor: number) => Workload;
}

const inputs: readonly Input[] = [
  {
    input: 'Requests',
    load: (w, factor) => ({ ...w, requestsPerMonth: w.requestsPerMonth * factor }),
  },
  {
    input: 'Bulk items',
    load: (w, factor) => ({ ...w, bulkItemsPerMonth: w.bulkItemsPerMonth * factor }),
  },
  {
    input: 'Jobs of the same items',
    load: (w, factor) => ({ ...w, jobsPerMonth: w.jobsPerMonth * factor }),
  },
  {
    input: 'Time of a request',
    assume: (a, factor) => ({ ...a, callMillis: a.callMillis * factor }),
  },
  { input: 'Cold starts', assume: (a, factor) => ({ ...a, coldShare: a.coldShare * factor }) },
  { input: 'Log per request', assume: (a, factor) => ({ ...a, logBytes: a.logBytes * factor }) },
  {
    input: 'Start of a GPU instance',
    assume: (a, factor) => ({ ...a, setupSeconds: a.setupSeconds * factor }),
  },
  {
    input: 'Items per second on a GPU',
    assume: (a, factor) => ({
      ...a,
      gpus: Object.fromEntries(
        Object.entries(a.gpus).map(([type, gpu]) => [
          type,
          { ...gpu, itemsPerSecond: gpu.itemsPerSecond * factor },
        ]),
      ),
    }),
  },
];

/** The bill with each input 30 % lower and higher, the strongest first. */
export function sensitivities(
  base: { readonly assumptions: Assumptions; readonly workload: Workload },
  usdOf: (a: Assumptions, workload: Workload) => number,
): readonly Sensitivity[] {
  const { assumptions, workload } = base;
  const at = ({ assume, load }: Input, factor: number) =>
    usdOf(assume?.(assumptions, factor) ?? assumptions, load?.(workload, factor) ?? workload);
  return inputs
    .map((input) => {
      const ends = [at(input, 1 - SENSITIVITY), at(input, 1 + SENSITIVITY)] as const;
      return { input: input.input, lowUsd: Math.min(...ends), highUsd: Math.max(...ends) };
    })
    .filter(({ lowUsd, highUsd }) => highUsd - lowUsd > 1e-9)
    .sort((x, y) => y.highUsd - y.lowUsd - (x.highUsd - x.lowUsd));
}
