import { readdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import type { ModelVariant } from '#core/models/model-manifest.ts';
import { fitLine, worstErrorOf } from '#core/routing/curves/fit-line.ts';
import {
  type MeasuredCurve,
  type ModelCurves,
  modelCurvesSchema,
  type TokenEstimate,
} from '#core/routing/curves/model-curves.ts';
import { type ModelBundle, readModelBundle } from '#inference/model-bundle.ts';
import type { OnnxSession } from '#inference/onnx-session.ts';
import { openModelSession } from '#inference/open-model-session.ts';
import { tokenBatches } from '#inference/token-batches.ts';
import { loadTokenizer, type TextTokenizer } from '#inference/tokenizer.ts';
import { textSets } from '../fixtures/routing/text-sets.ts';
import { lengthMix } from './length-mix.ts';
import { measureTokenEstimate, type SetError } from './token-estimate.ts';

const COMMAND = 'npm run bench -- curves';
const lengths = [4, 8, 16, 32, 64, 128, 256];
const ROUNDS = 9;
const BULK_TOKEN_BUDGET = 512;
const modelsFolder = join(import.meta.dirname, '../../models');

/**
 * What each CPU variant of each model takes on this machine, in CPU seconds of one session: its start,
 * a call, a token, a token in bulk. Writes `curves.json` into the bundle. A GPU variant is measured by
 * the same command on a machine that has the provider; until then its lane says what is assumed.
 */
export async function benchCurves(): Promise<Record<string, unknown>> {
  const results: Record<string, unknown> = {};
  for (const name of readdirSync(modelsFolder)) {
    const bundle = await readModelBundle(join(modelsFolder, name));
    const tokenizer = await loadTokenizer(bundle);
    const { estimate, sets } = measureTokenEstimate(
      textSets(),
      tokenizer,
      bundle.manifest.tokenLimit,
    );
    const curves = await measureCurves(bundle, tokenizer);
    const file = modelCurvesSchema.parse({
      schema: 1,
      model: bundle.manifest.name,
      modelVersion: bundle.manifest.version,
      tokens: estimate,
      curves,
    });
    writeFileSync(join(bundle.folder, 'curves.json'), `${JSON.stringify(file, null, 2)}\n`);
    results[name] = summary(file, estimate, sets);
  }
  return { unit: 'CPU seconds of one session', rounds: ROUNDS, models: results };
}

function summary(file: ModelCurves, estimate: TokenEstimate, sets: readonly SetError[]) {
  return {
    curves: file.curves.map((curve) => ({
      variant: curve.variant,
      start_seconds: curve.startSeconds,
      per_call_ms: curve.perCallSeconds * 1_000,
      per_token_us: curve.perTokenSeconds * 1e6,
      bulk_tokens_per_second: Math.round(1 / curve.bulkPerTokenSeconds),
      worst_error: curve.worstError,
    })),
    tokens_from_bytes: estimate,
    token_error_by_set: sets,
  };
}

async function measureCurves(
  bundle: ModelBundle,
  tokenizer: TextTokenizer,
): Promise<readonly MeasuredCurve[]> {
  const curves: MeasuredCurve[] = [];
  for (const variant of bundle.manifest.variants) {
    if (variant.name.startsWith('cpu-'))
      curves.push(await measureVariant(bundle, variant, tokenizer));
  }
  return curves;
}

async function measureVariant(
  bundle: ModelBundle,
  variant: ModelVariant,
  tokenizer: TextTokenizer,
): Promise<MeasuredCurve> {
  const { folder, manifest } = bundle;
  const spec = {
    folder,
    manifest,
    variant,
    provider: 'cpu',
    padTokenId: tokenizer.padTokenId,
  } as const;
  const starts: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    starts.push(
      await cpuSeconds(async () => {
        const own = await loadTokenizer(bundle);
        const session = await openModelSession(spec);
        await session.run([own.encode(manifest.warmUp.text).ids]);
        await session.close();
      }),
    );
  }
  const session = await openModelSession(spec);
  const points = await measureCalls(session, Math.min(manifest.tokenLimit, 256));
  const line = fitLine(points);
  const bulkPerTokenSeconds = await measureBulk(session, tokenizer);
  const { device } = session;
  await session.close();
  return {
    variant: variant.name,
    provider: 'cpu',
    device,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, node: process.version },
    date: new Date().toISOString().slice(0, 10),
    command: COMMAND,
    startSeconds: rounded(median(starts)),
    perCallSeconds: rounded(line.intercept),
    perTokenSeconds: rounded(line.slope),
    bulkPerTokenSeconds: rounded(bulkPerTokenSeconds),
    worstError: rounded(worstErrorOf(line, points)),
  };
}

/** Lengths take turns, so that a slow moment of the machine hits all of them. */
async function measureCalls(session: OnnxSession, longest: number) {
  const used = lengths.filter((length) => length <= longest);
  const times = new Map(used.map((length): [number, number[]] => [length, []]));
  for (let round = 0; round < ROUNDS + 1; round += 1) {
    for (const length of used) {
      const calls = Math.max(4, Math.round(512 / length));
      const seconds = await cpuSeconds(async () => {
        for (let call = 0; call < calls; call += 1) await session.run([someIds(length, call)]);
      });
      // The first round warms up.
      if (round > 0) times.get(length)?.push(seconds / calls);
    }
  }
  return [...times].map(([x, seconds]) => ({ x, y: median(seconds) }));
}

function someIds(length: number, seed: number): Int32Array {
  return Int32Array.from({ length }, (_, at) => 1_000 + ((seed * 31 + at * 7) % 10_000));
}

async function measureBulk(session: OnnxSession, tokenizer: TextTokenizer): Promise<number> {
  const rows = lengthMix(600, 11).map((text) => tokenizer.encode(text).ids);
  const batches = tokenBatches(
    rows.map(({ length }) => length),
    BULK_TOKEN_BUDGET,
  );
  const tokens = rows.reduce((sum, { length }) => sum + length, 0);
  const speeds: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const seconds = await cpuSeconds(async () => {
      for (const batch of batches) await session.run(batch.flatMap((at) => rows[at] ?? []));
    });
    speeds.push(seconds / tokens);
  }
  return median(speeds);
}

async function cpuSeconds(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** Four digits: more would only be noise of the day. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
