import type { TopLevelSpec } from 'vega-lite';

/** Draws a chart as SVG text that needs no script, no font file and no network. */
export async function renderChart(spec: TopLevelSpec, description: string): Promise<string> {
  // Imported late: only reports need them, and they are large.
  const [{ View, parse, Warn }, { compile }] = await Promise.all([
    import('vega'),
    import('vega-lite'),
  ]);
  const view = new View(parse(compile(spec).spec), { renderer: 'none', logLevel: Warn });
  try {
    const svg = await view.toSVG();
    const label = description.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    return svg.replace('<svg ', `<svg role="img" aria-label="${label}" `);
  } finally {
    view.finalize();
  }
}
