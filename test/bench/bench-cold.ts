import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { variantForLane } from '#core/models/lane-files.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import { bundleFunction } from '../../infra/bundling/bundle-function.ts';
import { type Figures, interleave, startOnce, strippedChild } from './interleave.ts';

const ROUNDS = 11;
const project = join(import.meta.dirname, '../..');
const children = join(project, 'test/fixtures/cold-start');
const model = 'sst2-minilm';

/** What the cold path may cost; `npm run bench -- cold` fails above it. */
const budget = { entryBytes: 300_000, packageBytes: 120_000_000, cpuOfSources: 0.6 } as const;

/**
 * A cold start of the inference function (one model), from the start of the process to its first
 * answer: the package as deployed, with a compile cache that fits this very Node, from the sources,
 * and an empty script as the floor; then the ways to open its model file. CPU time of the process is
 * the figure to trust; variants take turns.
 */
export async function benchCold(): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-cold-'));
  try {
    const starts = await benchStarts(folder);
    return { rounds: ROUNDS, budget, ...starts, sessions: await benchSessions(folder) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function benchStarts(folder: string): Promise<Record<string, unknown>> {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const bundled = bundleFunction('inference', { architecture, models: [model] });
  const child = await strippedChild(join(children, 'first-answer-child.ts'), folder, 'first.mjs');
  const variables = {
    SWITCHYARD_MODELS: 'models',
    SWITCHYARD_METRICS_NAMESPACE: 'Switchyard/bench',
    SWITCHYARD_JOBS_FUNCTION: 'jobs',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '2048',
  };
  const packaged = { ...variables, LAMBDA_TASK_ROOT: bundled.folder };
  const entry = join(bundled.folder, 'serve-inference.mjs');
  const withCache = { args: [child, entry, join(folder, 'compile-cache')], env: packaged };
  await startOnce(withCache);
  const figures = await interleave(
    {
      deployed: { args: [child, entry], env: packaged },
      'deployed, compile cache': withCache,
      sources: {
        args: [child, join(project, 'functions/aws/serve-inference.ts')],
        env: { ...variables, LAMBDA_TASK_ROOT: bundled.folder },
      },
      'empty script': { args: ['--eval', emptyScript] },
    },
    ROUNDS,
  );
  const entryBytes = (await stat(entry)).size;
  const cpu = (each: Figures) => each['cpuMillis']?.median ?? Number.NaN;
  const cpuOfSources = cpu(figures.deployed) / cpu(figures.sources);
  requireBudget({ entryBytes, packageBytes: bundled.bytes, cpuOfSources });
  return {
    bytes: { entry: entryBytes, package: bundled.bytes },
    starts: figures,
    ratios: {
      'deployed / sources': cpuOfSources,
      'deployed / empty script': cpu(figures.deployed) / cpu(figures['empty script']),
      'compile cache / without': cpu(figures['deployed, compile cache']) / cpu(figures.deployed),
    },
  };
}

const emptyScript = `const { user, system } = process.cpuUsage();
console.error(JSON.stringify({ cpuMillis: (user + system) / 1000 }));`;

function requireBudget(found: Readonly<Record<keyof typeof budget, number>>): void {
  for (const [name, limit] of Object.entries(budget)) {
    const value = found[name as keyof typeof budget];
    if (value > limit) throw new Error(`cold start: ${name} is ${value}, the budget is ${limit}`);
  }
}

async function benchSessions(folder: string): Promise<Record<string, unknown>> {
  const bundle = join(project, 'models', model);
  const { manifest } = await readModelBundle(bundle);
  const variant = variantForLane(manifest, 'cpu');
  if (variant === undefined) throw new Error('the bundle has no CPU file');
  const file = join(bundle, variant.file);
  const child = await strippedChild(join(children, 'open-session-child.ts'), folder, 'open.mjs');
  const onnx = await optimized(file, join(folder, 'optimized.onnx'), 'ONNX');
  const ort = await optimized(file, join(folder, 'optimized.ort'), 'ORT');
  const opening = async (way: string, path: string) => ({
    args: [child, project, way, path, await sha256Of(path)],
  });
  const figures = await interleave(
    {
      deployed: await opening('as deployed', file),
      optimizedOnnx: await opening('optimized beforehand', onnx),
      ortInPlace: await opening('ort format, in place', ort),
      ortNotPrepacked: await opening('ort format, in place, not prepacked', ort),
    },
    ROUNDS,
  );
  const of = (each: Figures, key: string) => each[key]?.median ?? Number.NaN;
  return Object.fromEntries(
    Object.entries(figures).map(([name, each]) => [
      name,
      {
        openCpuMillis: each['cpuMillis'],
        openCpuRatio: of(each, 'cpuMillis') / of(figures.deployed, 'cpuMillis'),
        rowCpuMillis: each['rowCpuMillis'],
        rssMegabytes: Math.round(of(each, 'rssBytes') / 1e6),
        sameLogits: of(each, 'logits') === of(figures.deployed, 'logits'),
      },
    ]),
  );
}

/** The model as ONNX Runtime itself optimizes it when it opens it, saved. */
async function optimized(file: string, to: string, format: 'ONNX' | 'ORT'): Promise<string> {
  const ort = createRequire(import.meta.url)('onnxruntime-node');
  const session = await ort.InferenceSession.create(file, {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    optimizedModelFilePath: to,
    extra: { session: { save_model_format: format } },
  });
  await session.release();
  return to;
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
