import type { LaneRates } from '../../cost/lane-rates.ts';

/** Longest text of one assumption in a state. */
const LONGEST = 300;

/** What a decision must say of its prices: how old they are, and which are those of another region. */
export function rateNotes(rates: LaneRates): readonly string[] {
  const { region, listAsOf, spotAsOf, standIns, stale } = rates;
  const days = [
    ...(listAsOf === undefined ? [] : [`list prices of ${listAsOf} or later`]),
    ...(spotAsOf === undefined ? [] : [`spot prices of ${spotAsOf} or later`]),
  ];
  return [
    ...(days.length === 0 ? [] : [`${region}: ${days.join(', ')}`]),
    ...named(`not known in ${region}, those of us-east-1 are taken: `, standIns),
    ...named('older than the limit, "switchyard prices refresh" reads new ones: ', stale),
  ];
}

function named(what: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const text = what + items.join(', ');
  return [text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`];
}
