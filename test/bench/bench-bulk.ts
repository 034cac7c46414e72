import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import { type BulkModel, openBulkModel } from '#inference/bulk-model.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { type OnnxSession, openOnnxSession } from '#inference/onnx-session.ts';
import { loadTokenizer } from '#inference/tokenizer.ts';
import { createJob } from '#work/create-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { runWorker } from '#work/run-worker.ts';
import { lengthMix } from './length-mix.ts';

const ROWS = 2_000;
/** Padding by arrival is so slow that a part of the rows shows it as well. */
const ARRIVAL_ROWS = 320;
const ROUNDS = 5;
const bundleFolder = join(import.meta.dirname, '../../models/sst2-minilm');
const shapes = [
  [8, 32],
  [16, 32],
  [16, 16],
  [4, 64],
  [8, 64],
] as const;

/**
 * The bulk path (read, parse, tokenize, batch, run, format, commit, merge) against the raw runtime at
 * its best batch shape, and against batching in order of arrival by 32, padded to the longest. The
 * measure is real tokens per CPU second of the process; the variants take turns in one process.
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

  const speeds = { raw: [] as number[], pipeline: [] as number[], arrival: [] as number[] };
  const bestShape = await findBestShape(session);
  for (let round = 0; round < ROUNDS; round += 1) {
    speeds.raw.push(await rawSpeed(session, bestShape));
    speeds.pipeline.push(await speedOf(total, () => runJob(texts, model)));
    speeds.arrival.push(await speedOf(sum(arrived), () => runByArrival(session, arrived)));
  }
  await session.close();
  await model.close();
  const [raw, pipeline, arrival] = [speeds.raw, speeds.pipeline, speeds.arrival].map(median);
  return {
    unit: 'real tokens per CPU second, median of rounds',
    rows: ROWS,
    tokens: total,
    rounds: ROUNDS,
    best_raw_shape: bestShape.join('x'),
    raw,
    pipeline,
    arrival_order_batch_32: arrival,
    pipeline_over_raw: ratio(pipeline, raw),
    pipeline_over_arrival_order: ratio(pipeline, arrival),
    goals: { pipeline_over_raw: 0.9, pipeline_over_arrival_order: 4 },
  };
}

async function findBestShape(session: OnnxSession): Promise<readonly [number, number]> {
  let best: { shape: readonly [number, number]; speed: number } = { shape: [8, 32], speed: 0 };
  for (let round = 0; round < 2; round += 1) {
    for (const shape of shapes) {
      const speed = await rawSpeed(session, shape);
      if (speed > best.speed) best = { shape, speed };
    }
  }
  return best.shape;
}

/** Full batches without a pad token, over and over. */
async function rawSpeed(session: OnnxSession, [rows, length]: readonly [number, number]) {
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

function ratio(a: number | undefined, b: number | undefined): number {
  return Math.round(((a ?? 0) / (b ?? 1)) * 100) / 100;
}
