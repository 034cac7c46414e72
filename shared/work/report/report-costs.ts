import type { Architecture } from '#core/cost/lane-rates.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import { deployedAssumptions } from '#core/cost/report/assumptions.ts';
import { buildReport } from '#core/cost/report/build-report.ts';
import { type LedgerSummary, summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import { assumptionsOfLedger, workloadOfLedger } from '#core/cost/report/workload-of-ledger.ts';
import type { Ledger, LedgerRange } from '#core/ports/ledger.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { reportDocuments } from './report-documents.ts';

export interface CostReportPorts {
  readonly ledger: Pick<Ledger, 'read'>;
  readonly objectStore: ObjectStore;
  readonly catalogue: PriceCatalogue;
  readonly region: string;
  readonly architecture: Architecture;
  /** Lines of the log that no price was found for, since the ledger was read. */
  readonly unpricedLines: () => number;
}

export interface WrittenReport {
  readonly period: string;
  /** False where it was there already: a period has one report, however often it is asked for. */
  readonly isNew: boolean;
  readonly usd: string;
  readonly requests: number;
  readonly jobs: number;
}

/** Written last: with it a report is complete. */
const LAST_FILE = 'summary.json';

/**
 * Writes what a period cost, and what it would have cost elsewhere, below `reports/costs/{period}/`. A
 * report that is there stays as it is; one that was interrupted is completed.
 */
export async function reportCosts(
  ports: CostReportPorts,
  period: LedgerRange & { readonly name: string },
): Promise<WrittenReport> {
  const { ledger, objectStore } = ports;
  const folder = `bucket/reports/costs/${period.name}/`;
  const { fromMillis, toMillis } = period;
  const summary = await summarizeLedger(ledger.read({ fromMillis, toMillis }), period);
  const about = {
    period: period.name,
    usd: summary.usd,
    requests: summary.requests,
    jobs: summary.jobs,
    unpriced_lines: ports.unpricedLines(),
  };
  const documents = {
    ...documentsOf(ports, { summary, toMillis, unpriced: about.unpriced_lines }),
    [LAST_FILE]: `${JSON.stringify({ ...about, warm_ups: summary.warmUps }, null, 2)}\n`,
  };
  let isNew = false;
  for (const [name, text] of Object.entries(documents)) {
    isNew = await objectStore.putIfAbsent(folder + name, new TextEncoder().encode(text));
  }
  const { usd, requests, jobs } = summary;
  return { period: period.name, isNew, usd, requests, jobs };
}

function documentsOf(
  { catalogue, region, architecture }: CostReportPorts,
  found: { readonly summary: LedgerSummary; readonly toMillis: number; readonly unpriced: number },
): Readonly<Record<string, string>> {
  const { summary, toMillis, unpriced } = found;
  const missing =
    unpriced === 0
      ? ''
      : `\n**${unpriced} calls have no price here and are in no sum of this report.**\n`;
  if (summary.requests + summary.attempts === 0) {
    const spent = `Keeping it warm took ${summary.warmUps} runs; all of it is $${summary.usd}.`;
    return { 'report.md': `# Nobody called\n\nNo request and no job. ${spent}\n${missing}` };
  }
  const documents = reportDocuments(
    buildReport({
      ...{ catalogue, region, ledger: summary },
      generatedAt: new Date(toMillis).toISOString(),
      workload: workloadOfLedger(summary, toMillis),
      assumptions: assumptionsOfLedger(summary, { ...deployedAssumptions, architecture }),
    }),
  );
  const spent = `In the ledger: $${summary.usd} for ${summary.requests} requests and ${summary.jobs} jobs.`;
  const text = `${spent}\n${missing}\n${documents['report.md']}`;
  return { ...documents, 'report.md': text };
}
