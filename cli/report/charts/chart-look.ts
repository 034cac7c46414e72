import type { Config } from 'vega-lite';

export const colours = {
  ink: '#1d2333',
  quiet: '#6b7280',
  faint: '#c9cdd6',
  grid: '#eceef2',
  plan: '#3445c9',
} as const;

export const chartFont = "Inter, 'Segoe UI', Helvetica, Arial, sans-serif";

/** One colour for one thing, in every chart. */
export const colourOf: Readonly<Record<string, string>> = {
  lambda: '#3445c9',
  fleet: '#3445c9',
  fargate: '#e08a1e',
  'g4dn-spot': '#0f8f82',
  g4dn: '#b3315f',
  p3: '#7a5cc4',
};

/** Names of rows at the left. */
export const rowNames = {
  grid: false,
  labelColor: colours.ink,
  labelFontSize: 13,
  labelPadding: 12,
  labelLimit: 0,
} as const;

/**
 * Room around a chart, in pixels. It is given, since text is measured only roughly where there is no
 * screen: a chart that fits itself would have holes at its sides.
 */
export function fixedRoom(room: {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
}) {
  return { autosize: { type: 'none' }, padding: { top: 10, ...room } } as const;
}

/** One look for every chart: no frame, hair lines, room for words. */
export const chartLook: Config = {
  background: 'transparent',
  font: chartFont,
  view: { stroke: null },
  axis: {
    domain: false,
    grid: true,
    gridColor: colours.grid,
    labelColor: colours.quiet,
    labelFontSize: 12,
    labelPadding: 8,
    tickSize: 0,
    title: null,
    titleColor: colours.quiet,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    titlePadding: 12,
  },
  text: { color: colours.ink, fontSize: 12 },
};
