import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { Report } from '#core/cost/report/build-report.ts';
import { focusColumns, focusRows } from '#core/cost/report/focus-rows.ts';
import { renderPage } from './html/render-page.ts';
import { renderMarkdown } from './render-markdown.ts';

/** Files of a report, the page first. */
export const reportFiles = ['index.html', 'report.md', 'report.json', 'focus.csv'] as const;

/** Writes a report in its four forms; the folder is made where it is missing. */
export async function writeReport(report: Report, folder: string): Promise<void> {
  const lines = focusRows(report.headline.plan.lines, report);
  const contents: Readonly<Record<(typeof reportFiles)[number], string>> = {
    'index.html': await renderPage(report),
    'report.md': renderMarkdown(report),
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'focus.csv': stringify([...lines], { header: true, columns: [...focusColumns] }),
  };
  await mkdir(folder, { recursive: true });
  await Promise.all(
    Object.entries(contents).map(([name, text]) => writeFile(join(folder, name), text)),
  );
}
