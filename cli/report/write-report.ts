import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '#adapters/local/make-folder.ts';
import type { Report } from '#core/cost/report/build-report.ts';
import { reportDocuments } from '#work/report/report-documents.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { renderPage } from './html/render-page.ts';

/** Files of a report, the page first. */
export const reportFiles = ['index.html', 'report.md', 'report.json', 'focus.csv'] as const;

/** Writes a report in its four forms; the folder is made where it is missing. */
export async function writeReport(report: Report, folder: string): Promise<void> {
  const contents: Readonly<Record<(typeof reportFiles)[number], string>> = {
    'index.html': await renderPage(report),
    ...reportDocuments(report),
  };
  await makeFolder(folder).catch(refuseFolder(folder));
  await Promise.all(
    Object.entries(contents).map(([name, text]) => writeFile(join(folder, name), text)),
  ).catch(refuseFolder(folder));
}

function refuseFolder(folder: string) {
  return (cause: unknown): never => {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(exitCodes.usage, 'invalid_setting', `cannot write into ${folder}: ${why}`, {
      remedy: 'Give --out a folder that can be written to.',
      cause,
    });
  };
}
