import { stringify } from 'csv-stringify/sync';
import type { Report } from '#core/cost/report/build-report.ts';
import { focusColumns, focusRows } from '#core/cost/report/focus-rows.ts';
import { renderMarkdown } from './render-markdown.ts';

/** A report in every form that needs no charts, by the names of its files. */
export function reportDocuments(report: Report) {
  const lines = focusRows(report.headline.plan.lines, report);
  return {
    'report.md': renderMarkdown(report),
    'report.json': `${JSON.stringify(report, null, 2)}\n`,
    'focus.csv': stringify([...lines], { header: true, columns: [...focusColumns] }),
  } as const;
}
