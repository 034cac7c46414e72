import { Worker } from 'node:worker_threads';
import { runSeed, type SeedReport } from './run-seed.ts';

/** What many seeds came to. */
export interface SeedsSummary {
  readonly seeds: number;
  readonly jobs: number;
  /** Jobs by how they ended. */
  readonly ends: Readonly<Record<string, number>>;
  /** Everything that happened, by name. */
  readonly counts: Readonly<Record<string, number>>;
  readonly slowestEndMillis: number;
  readonly failures: readonly SeedReport[];
}

export interface SeedRange {
  readonly firstSeed: number;
  readonly seeds: number;
}

/** The failing seeds whose trace is kept. */
const MAX_FAILURES = 50;

/** Runs seeds one after the other in this thread; every `step`-th from the first. */
export async function runSeeds(range: SeedRange, step = 1): Promise<SeedsSummary> {
  let summary: SeedsSummary = nothing;
  for (let at = 0; at < range.seeds; at += step) {
    summary = added(summary, summaryOf(await runSeed(range.firstSeed + at)));
  }
  return summary;
}

/** The same over several threads: a seed runs alone in its thread, so the runs are the same too. */
export async function runSeedsInThreads(range: SeedRange, threads: number): Promise<SeedsSummary> {
  const parts = Array.from({ length: threads }, (_, thread) => {
    const { firstSeed, seeds } = range;
    const share = { firstSeed: firstSeed + thread, seeds: Math.max(0, seeds - thread) };
    return runInThread(share, threads);
  });
  return (await Promise.all(parts)).reduce(added, nothing);
}

function runInThread(range: SeedRange, step: number): Promise<SeedsSummary> {
  return new Promise((resolve, reject) => {
    const url = new URL('./seeds-thread.ts', import.meta.url);
    const worker = new Worker(url, { workerData: { range, step } });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('a thread of the simulation ended early')));
  });
}

const nothing: SeedsSummary = {
  seeds: 0,
  jobs: 0,
  ends: {},
  counts: {},
  slowestEndMillis: -Infinity,
  failures: [],
};

function summaryOf(report: SeedReport): SeedsSummary {
  return {
    seeds: 1,
    jobs: report.ends.length,
    ends: report.ends.reduce<Record<string, number>>((ends, end) => sums(ends, { [end]: 1 }), {}),
    counts: report.counts,
    slowestEndMillis: report.endedAfterMillis,
    failures: report.violation === undefined ? [] : [report],
  };
}

function added(a: SeedsSummary, b: SeedsSummary): SeedsSummary {
  return {
    seeds: a.seeds + b.seeds,
    jobs: a.jobs + b.jobs,
    ends: sums(a.ends, b.ends),
    counts: sums(a.counts, b.counts),
    slowestEndMillis: Math.max(a.slowestEndMillis, b.slowestEndMillis),
    failures: [...a.failures, ...b.failures].slice(0, MAX_FAILURES),
  };
}

function sums(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const total: Record<string, number> = { ...a };
  for (const [name, amount] of Object.entries(b)) total[name] = (total[name] ?? 0) + amount;
  return total;
}
