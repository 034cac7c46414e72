import { join } from 'node:path';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { readPriceFiles } from '#adapters/local/price-files.ts';
import type { PriceCatalogue } from '#core/cost/price-catalogue.ts';
import { workloadOfTrace } from '#core/cost/report/arrival-trace.ts';
import { type Assumptions, deployedAssumptions } from '#core/cost/report/assumptions.ts';
import { buildReport, type Report } from '#core/cost/report/build-report.ts';
import { type LedgerSummary, summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import { reconcileBill } from '#core/cost/report/reconcile-bill.ts';
import { designWorkload, type Workload } from '#core/cost/report/workload.ts';
import { assumptionsOfLedger, workloadOfLedger } from '#core/cost/report/workload-of-ledger.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { readBill } from './read-bill.ts';
import { readTrace } from './read-trace.ts';

/** What a report is asked to be about. */
export interface ReportRequest {
  readonly region: string;
  readonly architecture: 'x86_64' | 'arm64';
  readonly requests: number | undefined;
  readonly bulk: number | undefined;
  readonly jobs: number | undefined;
  readonly callMillis: number | undefined;
  readonly coldShare: number | undefined;
  readonly data: string;
  readonly ledger: boolean;
  /** Whose ledger in AWS; undefined for the one of this machine. */
  readonly deployment: string | undefined;
  readonly trace: string | undefined;
  readonly traceColumn: string | undefined;
  readonly actual: string | undefined;
  readonly tag: string | undefined;
  readonly now: Date;
}

interface Load {
  readonly workload: Workload;
  readonly assumptions: Assumptions;
  readonly ledger?: LedgerSummary;
}

/** Reads what the report needs and builds it. */
export async function makeReport(request: ReportRequest): Promise<Report> {
  const refreshed = await readPriceFiles(join(request.data, 'prices'));
  const today = request.now.toISOString().slice(0, 10);
  const catalogue = openShippedPrices({ today }, refreshed);
  if (!catalogue.regions.includes(request.region)) {
    const detail = `no price of ${request.region} is known; there are ${catalogue.regions.join(', ')}`;
    const remedy = `Run switchyard prices refresh --region ${request.region}.`;
    throw new CliError(exitCodes.usage, 'unknown_price', detail, { remedy });
  }
  const load = await loadOf(request, catalogue);
  const { region, now } = request;
  const report = buildReport({ catalogue, region, generatedAt: now.toISOString(), ...load });
  return request.actual === undefined
    ? report
    : await withBill(report, request.actual, request.tag);
}

async function loadOf(request: ReportRequest, catalogue: PriceCatalogue): Promise<Load> {
  const assumptions = assumptionsOf(request);
  if (request.trace !== undefined) return await loadOfTrace(request, assumptions);
  if (request.deployment !== undefined) {
    const { deployment, region } = request;
    // Imported late: it loads the SDK.
    const { openDeploymentLedger } = await import('./open-deployment-ledger.ts');
    const books = await openDeploymentLedger({ deployment, region }, catalogue);
    const load = await loadOfLedger(request, { assumptions, books, place: deployment });
    return sayingUnpriced(load, books.unpricedLines());
  }
  if (request.ledger) {
    const books = await openFileLedger({ folder: join(request.data, 'ledger') });
    return await loadOfLedger(request, { assumptions, books, place: request.data });
  }
  const { requests, bulk, jobs } = request;
  const isDesign = requests === undefined && bulk === undefined && jobs === undefined;
  const workload: Workload = {
    origin: 'flags',
    detail: isDesign ? designWorkload.detail : 'as given',
    requestsPerMonth: requests ?? designWorkload.requestsPerMonth,
    bulkItemsPerMonth: bulk ?? designWorkload.bulkItemsPerMonth,
    jobsPerMonth: bulk === 0 ? 0 : (jobs ?? designWorkload.jobsPerMonth),
  };
  return { workload, assumptions };
}

/** What is in no sum is said where the report says what it is about. */
function sayingUnpriced(load: Load, lines: number): Load {
  if (lines === 0) return load;
  const detail = `${load.workload.detail}; ${lines} calls have no known price and are in no sum`;
  return { ...load, workload: { ...load.workload, detail } };
}

function assumptionsOf(request: ReportRequest): Assumptions {
  const { architecture, callMillis, coldShare } = request;
  return {
    ...deployedAssumptions,
    architecture,
    callMillis: callMillis ?? deployedAssumptions.callMillis,
    coldShare: coldShare ?? deployedAssumptions.coldShare,
  };
}

async function loadOfTrace(request: ReportRequest, assumptions: Assumptions): Promise<Load> {
  const trace = await readTrace(request.trace ?? '', request.traceColumn);
  const { callMillis, initMillis } = assumptions;
  const { workload, coldShare } = workloadOfTrace(trace, {
    requestsPerMonth: request.requests,
    callMillis,
    initMillis,
    bulk: { bulkItemsPerMonth: request.bulk ?? 0, jobsPerMonth: request.jobs ?? 0 },
  });
  return { workload, assumptions: { ...assumptions, coldShare: request.coldShare ?? coldShare } };
}

async function loadOfLedger(
  request: ReportRequest,
  source: {
    readonly assumptions: Assumptions;
    readonly books: Pick<Ledger, 'read'>;
    readonly place: string;
  },
): Promise<Load> {
  const { assumptions, books, place } = source;
  const range = { fromMillis: 0, toMillis: request.now.getTime() };
  const ledger = await summarizeLedger(books.read(range), range);
  if (ledger.requests + ledger.attempts === 0) {
    const detail = `the ledger in ${place} has no row yet`;
    const remedy = 'Start the service and send it requests, or leave out --ledger.';
    throw new CliError(exitCodes.usage, 'empty_ledger', detail, { remedy });
  }
  return {
    ledger,
    workload: workloadOfLedger(ledger, range.toMillis),
    assumptions: assumptionsOfLedger(ledger, assumptions),
  };
}

async function withBill(report: Report, file: string, tag: string | undefined): Promise<Report> {
  const monthlyUsd = new Map<string, number>();
  for (const { item, usd } of report.headline.plan.lines) {
    monthlyUsd.set(item, (monthlyUsd.get(item) ?? 0) + usd);
  }
  const bill = await readBill(file);
  const actual = reconcileBill(bill, { monthlyUsd, ...(tag === undefined ? {} : { tag }) });
  return { ...report, actual };
}
