import type { Lane } from '../../contract/lane.ts';

/** What is to be run, and what the caller allows. */
export interface RouteRequest {
  readonly items: number;
  /** Of all items together; estimated from bytes where nothing was tokenized yet. */
  readonly tokens: number;
  /** From now. Undefined: whenever. */
  readonly deadlineSeconds: number | undefined;
  /** Only plans that run in this lane alone. */
  readonly lane: Lane | undefined;
  readonly maxUsd: number | undefined;
  /** True where the caller takes a job instead of an answer. */
  readonly acceptsJob: boolean;
  /** False: every item by one variant of the model. */
  readonly allowsMixed: boolean;
}

/** Who finishes what spot leaves undone, and when it must be done. */
export interface SafetyNet {
  readonly lane: 'gpu-on-demand' | 'cpu-fleet';
  readonly bySeconds: number;
}

export type RoutePlan =
  | { readonly kind: 'inline' }
  | { readonly kind: 'fleet'; readonly width: number }
  | { readonly kind: 'on-demand'; readonly pool: string; readonly instances: number }
  | {
      readonly kind: 'spot';
      readonly pool: string;
      readonly instances: number;
      /** Undefined: it takes as long as it takes. */
      readonly net: SafetyNet | undefined;
    }
  | {
      /** A fleet starts at once; GPU instances join when they are up. */
      readonly kind: 'bridge';
      readonly pool: string;
      readonly instances: number;
      readonly width: number;
      /** `boot`: the fleet stops when the GPU is up. `end`: both work to the end. */
      readonly fleetUntil: 'boot' | 'end';
    };

/** Dollars of a plan, by what they are for. */
export interface PriceTerms {
  /** Work whose results count. */
  readonly run: number;
  /** Lambda environments getting ready. */
  readonly init: number;
  readonly request: number;
  /** Instances from start to their first row. */
  readonly boot: number;
  /** Disk and public address. */
  readonly disk: number;
  /** Instances after their last row. */
  readonly idle: number;
  /** Set-ups and work repeated after losses. */
  readonly lost: number;
  /** Requests to the object store. */
  readonly bookkeeping: number;
}

/** A plan with its finish time at the target chance and its expected price. */
export interface Candidate {
  readonly plan: RoutePlan;
  /** Done by then with at least the target chance. A plan with a safety net promises the net's time. */
  readonly finishSeconds: number;
  readonly usd: number;
}

const noDollars: PriceTerms = {
  run: 0,
  init: 0,
  request: 0,
  boot: 0,
  disk: 0,
  idle: 0,
  lost: 0,
  bookkeeping: 0,
};

export function priceTerms(terms: Partial<PriceTerms>): PriceTerms {
  return { ...noDollars, ...terms };
}

/** `terms` and `factor` times `more`. */
export function addTerms(terms: PriceTerms, more: PriceTerms, factor: number): PriceTerms {
  return {
    run: terms.run + factor * more.run,
    init: terms.init + factor * more.init,
    request: terms.request + factor * more.request,
    boot: terms.boot + factor * more.boot,
    disk: terms.disk + factor * more.disk,
    idle: terms.idle + factor * more.idle,
    lost: terms.lost + factor * more.lost,
    bookkeeping: terms.bookkeeping + factor * more.bookkeeping,
  };
}

export function totalUsd(terms: PriceTerms): number {
  const { run, init, request, boot, disk, idle, lost, bookkeeping } = terms;
  return run + init + request + boot + disk + idle + lost + bookkeeping;
}

/** The lanes that a plan may use, the one that does most of the work first. */
export function lanesOf(plan: RoutePlan): readonly Lane[] {
  if (plan.kind === 'inline') return ['cpu'];
  if (plan.kind === 'fleet') return ['cpu-fleet'];
  if (plan.kind === 'on-demand') return ['gpu-on-demand'];
  if (plan.kind === 'bridge') return ['gpu-on-demand', 'cpu-fleet'];
  return plan.net === undefined ? ['gpu-spot'] : ['gpu-spot', plan.net.lane];
}

/** True where two variants of the model may answer: CPU and GPU files differ in about 1 % of labels. */
export function mixesVariants(plan: RoutePlan): boolean {
  if (plan.kind === 'bridge') return true;
  return plan.kind === 'spot' && plan.net?.lane === 'cpu-fleet';
}
