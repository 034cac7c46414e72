import type { TopLevelSpec } from 'vega-lite';
import type { ShareOfBill } from '#work/report/shares-of-bill.ts';
import { showShare, showUsd } from '#work/report/show-numbers.ts';
import { chartLook, colours, fixedRoom, rowNames } from './chart-look.ts';

/** Where a dollar goes, largest part first. */
export function sharesChart(shares: readonly ShareOfBill[]): TopLevelSpec {
  const total = shares.reduce((sum, { usd }) => sum + usd, 0);
  const values = shares.map(({ name, usd }) => ({
    name,
    usd,
    label: `${showUsd(usd)} · ${showShare(total === 0 ? 0 : usd / total)}`,
  }));
  const most = Math.max(...values.map(({ usd }) => usd), 1e-9);
  const y = {
    field: 'name',
    type: 'nominal',
    sort: null,
    axis: rowNames,
  } as const;
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    width: 620,
    height: values.length * 28,
    config: chartLook,
    ...fixedRoom({ left: 235, right: 20, bottom: 4 }),
    data: { values },
    layer: [
      {
        mark: { type: 'bar', height: 13, cornerRadiusEnd: 3, color: colours.plan },
        encoding: {
          y,
          x: {
            field: 'usd',
            type: 'quantitative',
            scale: { domain: [0, most * 1.35], nice: false },
            axis: null,
          },
        },
      },
      {
        mark: { type: 'text', align: 'left', dx: 7, fontSize: 13 },
        encoding: { y, x: { field: 'usd', type: 'quantitative' }, text: { field: 'label' } },
      },
    ],
  };
}
