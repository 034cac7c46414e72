import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { type BulkModel, openBulkModel } from '#inference/bulk-model.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { type OnnxSession, openOnnxSession } from '#inference/onnx-session.ts';
import { tokenBatches } from '#inference/token-batches.ts';
import { loadTokenizer } from '#inference/tokenizer.ts';
import { createJob } from '#work/accept/create-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { runWorker } from '#work/worker/run-worker.ts';
import { lengthMix } from './length-mix.ts';

const ROWS = 4_000;
/** Padding by arrival is so slow that a part of the rows shows it as well. */
const ARRIVAL_ROWS = 320;
const ROUNDS = 5;
const bundleFolder = join(import.meta.dirname, '../../models/sst2-minilm');
/** Rows and tokens per row. */
type Shape = readonly [number, number];
const shapes: readonly [Shape, ...Shape[]] = [
  [8, 32],
  [16, 32],
  [16, 16],
  [4, 64],
  [8, 64],
];

/** Batch sizes, in tokens, that are tried for the raw runtime on the same texts. */
const mixBudgets = [192, 256, 384, 512] as const;

/**
 * The bulk path (read, parse, plan, tokenize, batch, run, format, commit, merge) against the raw
 * runtime, twice: at its best batch shape, full of short rows without a pad token, which no mix of
 * texts can reach, since long ones cost attention; and on the very token rows of the job, sorted by
 * length, at its best batch size. And against batching in order of arrival by 32, padded to the
 * longest. The measure is real tokens per CPU second; the variants take turns in one process.
 */
export async function benchBulk(): Promise<Record<string, unknown>> {
  const texts = lengthMix(ROWS, 7);
  const bundle = await readModelBundle(bundleFolder);
  const variant = bundle.manifest.variants[0];
  if (variant === undefined) throw new Error('the bundle has no variant');
  const tokenizer = await loadTokenizer(bundle);
  const session = await openOnnxSession({
    folder: bundleFolder,
    file: variant.file,
    sha256: variant.sha256,
    provider: 'cpu',
    padTokenId: tokenizer.padTokenId,
  });
  const { name, sha256 } = variant;
  const model = await openBulkModel({ bundleFolder, variant: name, sha256, provider: 'cpu' });
  const tokens = texts.map((text) => tokenizer.encode(text).ids);
  const arrived = tokens.slice(0, ARRIVAL_ROWS);
  const total = sum(tokens);

  const speeds = {
    raw: [] as number[],
    mix: [] as number[],
    pipeline: [] as number[],
    arrival: [] as number[],
  };
  const bestShape = await findBest(shapes, (shape) => rawSpeed(session, shape));
  const bestBudget = await findBest(mixBudgets, (budget) => mixSpeed(session, tokens, budget));
  for (let round = 0; round < ROUNDS; round += 1) {
    speeds.raw.push(await rawSpeed(session, bestShape));
    speeds.mix.push(await mixSpeed(session, tokens, bestBudget));
    speeds.pipeline.push(await speedOf(total, () => runJob(texts, model)));
    speeds.arrival.push(await speedOf(sum(arrived), () => runByArrival(session, arrived)));
  }
  await session.close();
  await model.close();
  return {
    unit: 'real tokens per CPU second, median of rounds; ratios: median of those of each round',
    rows: ROWS,
    tokens: total,
    rounds: ROUNDS,
    best_raw_shape: bestShape.join('x'),
    raw: median(speeds.raw),
    best_raw_batch_tokens_on_the_same_texts: bestBudget,
    raw_on_the_same_texts: median(speeds.mix),
    pipeline: median(speeds.pipeline),
    arrival_order_batch_32: median(speeds.arrival),
    pipeline_over_raw: ratio(speeds.pipeline, speeds.raw),
    pipeline_over_raw_on_the_same_texts: ratio(speeds.pipeline, speeds.mix),
    pipeline_over_arrival_order: ratio(speeds.pipeline, speeds.arrival),
    goals: { pipeline_over_raw: 0.9, pipeline_over_arrival_order: 4 },
  };
}

/** The fastest of some choices, each tried twice. */
async function findBest<Choice>(
  choices: readonly [Choice, ...Choice[]],
  speedAt: (choice: Choice) => Promise<number>,
): Promise<Choice> {
  let best = { choice: choices[0], speed: 0 };
  for (const choice of [...choices, ...choices]) {
    const speed = await speedAt(choice);
    if (speed > best.speed) best = { choice, speed };
  }
  return best.choice;
}

/** The token rows of the job, straight into the runtime. */
async function mixSpeed(session: OnnxSession, rows: readonly Int32Array[], tokenBudget: number) {
  const lengths = rows.map(({ length }) => length);
  const batches = tokenBatches(lengths, tokenBudget).map((batch) =>
    batch.flatMap((index) => rows[index] ?? []),
  );
  return await speedOf(sum(rows), async () => {
    for (const batch of batches) await session.run(batch);
  });
}

/** Full batches without a pad token, over and over. */
async function rawSpeed(session: OnnxSession, [rows, length]: Shape) {
  const batch = Array.from({ length: rows }, (_, row) =>
    Int32Array.from({ length }, (_, at) => 1_000 + ((row * 31 + at * 7) % 10_000)),
  );
  const runs = Math.ceil(20_000 / (rows * length));
  return await speedOf(runs * rows * length, async () => {
    for (let run = 0; run < runs; run += 1) await session.run(batch);
  });
}

async function runByArrival(session: OnnxSession, tokens: readonly Int32Array[]): Promise<void> {
  for (let from = 0; from < tokens.length; from += 32) {
    await session.run(tokens.slice(from, from + 32));
  }
}

/** A whole job on a folder, with the worker's loop in this process so that its CPU time counts. */
async function runJob(texts: readonly string[], model: BulkModel): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-bench-'));
  try {
    const objectStore = await openFolderObjectStore({ folder });
    const ports = benchPorts(objectStore, model);
    const { job } = await createJob(ports, {
      tenant: 'bench',
      requestId: 'bench',
      body: { model: 'sst2-minilm', items: texts.map((text) => ({ text })), options: {} },
    });
    await runWorker({
      ...ports,
      jobId: job.id,
      worker: { submission: 'bench', arrayIndex: 0, attempt: 1, generation: 1 },
      arraySize: 1,
      openModel: async () => model,
      drain: new AbortController().signal,
    });
    const merged = await objectStore.head(`${job.output.prefix}_SUCCESS`);
    if (merged === undefined) throw new Error('the job did not finish');
  } finally {
    await rm(folder, { recursive: true });
  }
}

function benchPorts(objectStore: JobPorts['objectStore'], model: BulkModel): JobPorts {
  const { modelVersion: version, modelSha256: sha256, variant } = model.provenance;
  return {
    objectStore,
    clock: systemClock,
    limits: defaultLimits,
    catalogue: { describe: () => ({ version, variant, sha256, provider: 'cpu' }) },
    jobQueue: {
      submit: async () => {},
      describe: async () => undefined,
      terminate: async () => {},
    },
    inputSnapshots: {
      version: async () => undefined,
      pin: () => Promise.reject(new Error('a bench job has inline items')),
    },
    settings: {
      secret: 'bench',
      bucketName: 'local',
      inputRules: { kind: 'everything' },
      workers: 1,
      cellBytes: 262_144,
      generation: 1,
    },
  };
}

async function speedOf(tokens: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return tokens / ((user + system) / 1e6);
}

function sum(tokens: readonly Int32Array[]): number {
  return tokens.reduce((total, ids) => total + ids.length, 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

/** Median of the rounds' own ratios: what slows the machine for a while slows both of a round. */
function ratio(speeds: readonly number[], others: readonly number[]): number {
  const ratios = speeds.map((speed, round) => speed / (others[round] ?? Number.NaN));
  const sorted = ratios.toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 1_000) / 1_000;
}
