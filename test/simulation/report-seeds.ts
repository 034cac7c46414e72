import type { SeedReport } from './run-seed.ts';
import type { SeedsSummary } from './run-seeds.ts';

/** Dose, faults and ends of many seeds, as lines for a person. */
export function describeSummary(summary: SeedsSummary, tookMillis: number): string {
  const { seeds, jobs, failures, slowestEndMillis } = summary;
  return [
    `${seeds} seeds, ${jobs} jobs in ${(tookMillis / 1000).toFixed(1)} s, ${failures.length} failing seeds`,
    `  jobs ended: ${listed(summary.ends)}`,
    `  happened: ${listed(summary.counts)}`,
    `  slowest end: ${(slowestEndMillis / 1000).toFixed(0)} s of virtual time after the last fault`,
  ].join('\n');
}

/** A failing seed with the last lines of its trace and the command that replays it. */
export function describeFailure(report: SeedReport): string {
  return [
    ...report.lastLines.map((line) => `  ${line}`),
    `seed ${report.seed}: ${report.violation}`,
    `replay: node test/simulation/main.ts --seed ${report.seed} --verbose`,
  ].join('\n');
}

function listed(amounts: Readonly<Record<string, number>>): string {
  return Object.entries(amounts)
    .sort(([, a], [, b]) => b - a)
    .map(([name, amount]) => `${name} ${Math.round(amount)}`)
    .join(', ');
}
