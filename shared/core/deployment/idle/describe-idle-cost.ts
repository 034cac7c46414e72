import type { Usd } from '../../cost/usd.ts';
import type { IdleCost } from './idle-cost.ts';
import type { SettingSurcharge } from './setting-surcharges.ts';

/** The bill of an idle month as lines of text, dearest first; settings that change it are named. */
export function describeIdleCost(
  cost: IdleCost,
  surcharges: readonly SettingSurcharge[],
): readonly string[] {
  const lines = [...sumByWhat(cost)].sort(([, left], [, right]) => right.list - left.list);
  return [
    `While nobody calls it costs $${cost.billedUsd.toFixed(2)} a month in an account that runs nothing else;`,
    `$${cost.listUsd.toFixed(2)} where other things use up what AWS gives every account:`,
    ...lines.map(
      ([what, { list, setting }]) =>
        `  ${dollars(list)}  ${what}${setting === undefined ? '' : ` (${setting})`}`,
    ),
    ...cost.unknown.map((reason) => `  no price: ${reason}`),
    'Settings that would add to it, by the month:',
    ...surcharges.map(({ setting, per, usd }) => `  ${shown(usd)}  ${setting}, per ${per}`),
    'Calls, bulk work and storage come on top, by use.',
  ];
}

function sumByWhat({ lines }: IdleCost) {
  const sums = new Map<string, { list: number; setting: string | undefined }>();
  for (const { what, listUsd, setting } of lines) {
    const list = (sums.get(what)?.list ?? 0) + (listUsd?.toNumber() ?? 0);
    sums.set(what, { list, setting });
  }
  return sums;
}

function shown(usd: Usd | undefined): string {
  return usd === undefined ? 'no price'.padStart(9) : dollars(usd.toNumber());
}

function dollars(usd: number): string {
  return `$${usd.toFixed(2)}`.padStart(9);
}
