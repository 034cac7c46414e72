import { checkEnd } from './check-end.ts';
import { drawScenario, type Scenario } from './draw-scenario.ts';
import { SimulatedBucket } from './simulated-bucket.ts';
import { SimulatedClient } from './simulated-client.ts';
import {
  type SimulatedDeployment,
  startFunctions,
  startLocalDeployment,
} from './simulated-deployment.ts';
import { strikeWorkers } from './strike-workers.ts';
import { Trace } from './trace.ts';
import { VirtualTime } from './virtual-time.ts';
import type { SeenJob } from './wanted-job.ts';
import { watchWrites } from './watch-writes.ts';
import { drawDelay, streamOf, type World } from './world.ts';

export interface SeedReport {
  readonly seed: number;
  /** What was wrong first; undefined for a run that kept every promise. */
  readonly violation: string | undefined;
  /** Equal for two runs that did the same in the same order. */
  readonly traceHash: string;
  readonly lastLines: readonly string[];
  /** Faults that happened, by kind, and requests, workers, hours of virtual time. */
  readonly counts: Readonly<Record<string, number>>;
  /** From the end of the faults to the last end of a job; negative where all ended before. */
  readonly endedAfterMillis: number;
  readonly ends: readonly string[];
}

/** Everything must have ended, been looked at and come to rest so long after the last fault. */
const LIVENESS_MILLIS = 400_000;
/** Longer than any zombie sleeps and any late write takes. */
const SETTLE_MILLIS = 130_000;

/** One simulated run of the whole orchestration: the same seed gives the same run, event by event. */
export async function runSeed(
  seed: number,
  options: { readonly keptLines?: number; readonly onLine?: (line: string) => void } = {},
): Promise<SeedReport> {
  const scenario = drawScenario(seed);
  const { onLine } = options;
  const trace = new Trace({ keptLines: options.keptLines ?? 60, ...(onLine && { onLine }) });
  const violations: string[] = [];
  const world = createWorld(seed, scenario, trace, (what) => violations.push(what));
  const { time, faults } = world;
  trace.add(0, 'scenario', describeScenario(scenario));
  const deployment = startDeployment(world, scenario);
  void strikeWorkers(world, deployment);
  void strikeServers(world, deployment);
  const owners = new Map<string, SeenJob>();
  const clients = scenario.jobs.map(
    (wanted) => new SimulatedClient(world, deployment, wanted, owners),
  );
  let isOver = false;
  const finish = async () => {
    await Promise.all(clients.map((client) => client.run()));
    await time.sleep(SETTLE_MILLIS);
    isOver = true;
  };
  finish().catch((error: unknown) => violations.push(`a client threw ${String(error)}`));
  const deadlineMillis = faults.endsAtMillis + LIVENESS_MILLIS;
  await time.run(() => isOver || violations.length > 0 || time.nowMillis > deadlineMillis);
  const seen = clients.map((client) => client.seen);
  if (violations.length === 0) for (const job of seen) checkEnd(world, deployment.queue(), job);
  const endedAt = seen.map(({ endedAtMillis }) => endedAtMillis ?? 0);
  return {
    seed,
    violation: violations[0],
    traceHash: trace.hash(),
    lastLines: trace.last(),
    counts: {
      requests: world.bucket.requests,
      workers: world.workers.size,
      'virtual hours': time.nowMillis / 3_600_000,
      ...Object.fromEntries(world.counts),
    },
    endedAfterMillis: Math.max(...endedAt) - faults.endsAtMillis,
    ends: seen.map(
      ({ end, refusedWith }) => end?.error?.code ?? end?.status ?? refusedWith ?? 'none',
    ),
  };
}

function createWorld(
  seed: number,
  scenario: Scenario,
  trace: Trace,
  onViolation: (what: string) => void,
): World {
  const time = new VirtualTime();
  const violate = (what: string) => {
    trace.add(time.nowMillis, 'VIOLATION', what);
    onViolation(what);
  };
  const workers = new Map<string, string>();
  const writers = new Set<string>();
  const watch = watchWrites({
    bucket: () => bucket,
    jobOfWriter: (writer) => workers.get(writer),
    violate,
  });
  const bucket: SimulatedBucket = new SimulatedBucket((change) => {
    writers.add(change.writer);
    watch(change);
  });
  const { faults } = scenario;
  return {
    time,
    random: streamOf(seed, 3),
    trace,
    faults,
    bucket,
    violate,
    workers,
    writers,
    counts: new Map(),
  };
}

function startDeployment(world: World, scenario: Scenario): SimulatedDeployment {
  const { deployment, behaviour, roundMillis } = scenario;
  if (deployment.kind === 'local') return startLocalDeployment(world, deployment, behaviour);
  return startFunctions(world, { ...deployment, roundMillis }, behaviour);
}

async function strikeServers(world: World, deployment: SimulatedDeployment): Promise<void> {
  const { time, random, faults } = world;
  if (faults.serverBlowMillis === Infinity) return;
  for (;;) {
    await time.sleep(drawDelay(random, faults.serverBlowMillis));
    if (time.nowMillis >= faults.endsAtMillis) return;
    deployment.strike();
  }
}

function describeScenario({ faults, deployment, behaviour, jobs, ...rest }: Scenario): string {
  const sizes = jobs.map(({ name, input, how }) => `${name} ${how.kind} ${input.rows.length} rows`);
  return JSON.stringify({ ...faults, ...deployment, ...behaviour, ...rest, sizes });
}
