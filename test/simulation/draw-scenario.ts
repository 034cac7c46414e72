import type { CreateJobRequest } from '#core/contract/job.ts';
import type { SeededRandom } from '../fixtures/harness/random.ts';
import { drawFaults, type FaultProfile } from './fault-profile.ts';
import { makeItems, makeJsonl } from './make-workload.ts';
import type { DeploymentSettings } from './simulated-ports.ts';
import type { QueueBehaviour } from './simulated-queue.ts';
import type { WantedJob } from './wanted-job.ts';
import { streamOf } from './world.ts';

/** Everything that a seed decides before the first event. */
export interface Scenario {
  readonly faults: FaultProfile;
  readonly deployment: DeploymentSettings;
  readonly roundMillis: number;
  readonly behaviour: QueueBehaviour;
  readonly jobs: readonly WantedJob[];
}

export function drawScenario(seed: number): Scenario {
  const random = streamOf(seed, 1);
  const kind = random.below(2) === 0 ? 'local' : 'functions';
  const pins = random.below(2) === 0 ? 'by-copy' : 'by-version';
  const jobs = 1 + Math.floor(random.fraction() ** 1.5 * 3);
  return {
    faults: drawFaults(streamOf(seed, 2)),
    deployment: { kind, pins, workers: 1 + random.below(4), cellBytes: 64 * 2 ** random.below(6) },
    roundMillis: 10_000 + random.below(50_000),
    behaviour: {
      stopsOnFailure: kind === 'local',
      maxProcesses: kind === 'local' ? 1 + random.below(4) : 16,
      runnableMillis: kind === 'local' ? 200 : random.below(20_000),
      graceMillis: kind === 'local' ? 5_000 : 30_000,
    },
    jobs: Array.from({ length: jobs }, (_, ordinal) =>
      drawJob(streamOf(seed, 10 + ordinal), ordinal),
    ),
  };
}

function drawJob(random: SeededRandom, ordinal: number): WantedJob {
  const name = `job${ordinal}`;
  const common = {
    name,
    fromMillis: random.below(10_000),
    repeatsAfterMillis: Array.from({ length: random.below(4) }, () => random.below(60_000)),
    isResumed: random.below(2) === 0,
    cancelAfterMillis: random.below(5) === 0 ? random.below(40_000) : undefined,
  };
  const overwriteAfterMillis = random.below(8) === 0 ? random.below(30_000) : undefined;
  const options = random.below(3) === 0 ? { workers: 1 + random.below(6) } : {};
  switch (random.below(3)) {
    case 0: {
      const { items, input } = makeItems(random);
      const isBroken = random.below(20) === 0;
      const body: CreateJobRequest = { model: isBroken ? 'unknown' : 'pure', items, options };
      const failsWith = isBroken ? 'model_not_found' : undefined;
      return {
        ...common,
        input,
        how: { kind: 'api', body },
        overwriteAfterMillis: undefined,
        failsWith,
      };
    }
    case 1: {
      const body: CreateJobRequest = {
        model: 'pure',
        input: `s3://local/data/${name}.jsonl`,
        options,
      };
      const input = makeJsonl(random);
      return {
        ...common,
        input,
        how: { kind: 'api', body },
        overwriteAfterMillis,
        failsWith: undefined,
      };
    }
    default: {
      const isBroken = random.below(8) === 0;
      // Two drops of one seed often have the same name: the later one overwrites the earlier.
      const key = `bucket/inbox/pure/file${random.below(2)}.${isBroken ? 'pdf' : 'jsonl'}`;
      const input = makeJsonl(random);
      const failsWith = isBroken ? 'unsupported_format' : undefined;
      return { ...common, input, how: { kind: 'drop', key }, overwriteAfterMillis, failsWith };
    }
  }
}
