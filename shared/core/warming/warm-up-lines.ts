import { callLines } from '../cost/charge-lines.ts';
import { type Architecture, type LaneRates, laneRatesOf } from '../cost/lane-rates.ts';
import type { ChargeLine } from '../cost/ledger-row.ts';
import type { PriceCatalogue } from '../cost/price-catalogue.ts';
import type { PingOutcome } from './plan-pings.ts';

/** The warmer's own part of the bill. */
interface WarmerRun {
  readonly millis: number;
  readonly memoryMib: number;
  readonly architecture: Architecture;
  readonly region: string;
}

export interface WarmUpBill {
  readonly prices: PriceCatalogue;
  readonly warmer: WarmerRun;
}

/** What a run of the warmer costs, its own time and pings that failed included. */
export type WarmUpLines =
  | { readonly kind: 'found'; readonly lines: readonly ChargeLine[] }
  | { readonly kind: 'unknown'; readonly reason: string };

export function warmUpLines(
  outcomes: readonly PingOutcome[],
  { prices, warmer }: WarmUpBill,
): WarmUpLines {
  const { region, architecture } = warmer;
  const calls = [
    ...outcomes.map((each) => (each.ok ? timeOf(each) : { architecture, memoryMib: 0, millis: 0 })),
    warmer,
  ];
  const known = new Map<Architecture, LaneRates>();
  for (const each of new Set(calls.map((call) => call.architecture))) {
    const lookup = laneRatesOf(prices, { region, architecture: each });
    if (lookup.kind === 'unknown') return lookup;
    known.set(each, lookup.rates);
  }
  const lines = calls.flatMap((call) => {
    const rates = known.get(call.architecture);
    return rates === undefined ? [] : callLines({ ...call, kind: 'warm' }, rates);
  });
  return { kind: 'found', lines };
}

function timeOf({ answer }: Extract<PingOutcome, { ok: true }>) {
  const { architecture, memoryMib, handlerMillis, cold, initMillis } = answer;
  const millis = Math.ceil(handlerMillis) + (cold ? Math.ceil(initMillis) : 0);
  return { architecture, memoryMib, millis };
}
