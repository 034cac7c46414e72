// node test/simulation/main.ts --seeds 10000 [--from N] [--threads N] | --seed N [--verbose]
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeFailure, describeSummary } from './report-seeds.ts';
import { runSeed } from './run-seed.ts';
import { runSeedsInThreads } from './run-seeds.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '0' },
    threads: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

if (values.seed === undefined) await runMany();
else await replay(Number(values.seed));

async function runMany(): Promise<void> {
  const startedMillis = performance.now();
  const range = { firstSeed: Number(values.from), seeds: Number(values.seeds) };
  const summary = await runSeedsInThreads(range, Number(values.threads));
  const [first] = summary.failures;
  if (first !== undefined) console.log(describeFailure(first));
  for (const { seed, violation } of summary.failures) {
    console.log(`seed ${seed}: ${violation?.slice(0, 200)}`);
  }
  console.log(describeSummary(summary, performance.now() - startedMillis));
  if (first !== undefined) process.exitCode = 1;
}

async function replay(seed: number): Promise<void> {
  const onLine = (line: string) => console.log(line);
  const report = await runSeed(seed, values.verbose ? { onLine } : {});
  if (report.violation !== undefined) {
    console.log(describeFailure(report));
    process.exitCode = 1;
  }
  console.log(`seed ${seed}, trace ${report.traceHash}, jobs ended: ${report.ends.join(', ')}`);
}
