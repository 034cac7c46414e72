import type { ItemOutcome } from '#core/contract/predict.ts';
import { type NodePlacement, placementProblem } from '#core/gpu/node-placement.ts';
import type { ModelProvenance } from '#core/jobs/model-provenance.ts';
import type { Provider } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readModelBundle } from './model-bundle.ts';
import type { OnnxSession } from './onnx-session.ts';
import { openModelSession } from './open-model-session.ts';
import { variantFor } from './provider-choice.ts';
import type { RunRows } from './tasks/answer-texts.ts';
import { runTask } from './tasks/run-task.ts';
import { tokenBatches } from './token-batches.ts';
import { loadTokenizer } from './tokenizer.ts';
import { runWarmUp } from './warm-up.ts';

/** A model for bulk work. It blocks the thread that calls it: give it a process of its own. */
export interface BulkModel {
  readonly provenance: ModelProvenance;
  /** One outcome per text, in order; the same for a text whatever its neighbours. */
  run(texts: readonly string[], options?: BulkRunOptions): Promise<readonly ItemOutcome[]>;
  close(): Promise<void>;
}

interface BulkRunOptions {
  /**
   * Divides the largest batch, for a machine that has too little memory for it.
   *
   * @default 1
   */
  readonly tokenBudgetDivisor?: number;
  /**
   * Told the texts of each batch, as indexes, right before the native runtime gets it.
   *
   * @default - nobody is told
   */
  readonly onBatch?: (textIndexes: readonly number[]) => void;
}

/** Largest batch on a CPU, in tokens; larger ones fall out of the caches (measured: 256–512 best). */
const BULK_TOKEN_BUDGET = 512;

/**
 * A model that has given the answer of its manifest on this provider. Throws `model_invalid` (also where
 * `sha256` is not the bundle's) or `provider_unavailable`.
 */
export async function openBulkModel(options: {
  readonly bundleFolder: string;
  readonly variant: string;
  readonly sha256: string;
  readonly provider: Provider;
}): Promise<BulkModel> {
  const { provider } = options;
  const bundle = await readModelBundle(options.bundleFolder);
  const { manifest } = bundle;
  const variant = variantFor(manifest, options);
  if (variant.sha256 !== options.sha256) {
    throw new SwitchyardError(
      'model_invalid',
      `The work was planned with ${manifest.name} ${variant.name} of SHA-256 ${options.sha256}, ` +
        `but the bundle holds ${variant.sha256}. Put the planned version back, or start it anew.`,
    );
  }
  const tokenizer = await loadTokenizer(bundle);
  const { padTokenId } = tokenizer;
  const { folder } = bundle;
  const session = await openModelSession({ folder, manifest, variant, provider, padTokenId });
  try {
    await runWarmUp(manifest, { tokenizer, runRows: (rows) => session.run(rows) });
    if (provider !== 'cpu') refuseCpuBehind(provider, await session.placement());
  } catch (error) {
    await session.close();
    throw error;
  }
  // A variant whose answers change with the neighbours gets none.
  const largestBatch = variant.independentOfNeighbours ? BULK_TOKEN_BUDGET : 0;
  return {
    provenance: {
      model: manifest.name,
      modelVersion: manifest.version,
      modelSha256: variant.sha256,
      variant: variant.name,
      provider,
      device: session.device,
      runtime: session.runtime,
    },
    run: (texts, { tokenBudgetDivisor = 1, onBatch } = {}) => {
      const tokenBudget = Math.floor(largestBatch / tokenBudgetDivisor);
      const runRows: RunRows = (rows, textIndexes) =>
        runInBatches(session, { rows, tokenBudget }, (batch) =>
          onBatch?.(batch.flatMap((row) => textIndexes[row] ?? [])),
        );
      return runTask(texts, { manifest }, { tokenizer, runRows });
    },
    close: () => session.close(),
  };
}

/** A session on a GPU gives what it has no kernel for to the CPU, and says nothing. */
function refuseCpuBehind(provider: Provider, placement: NodePlacement | undefined): void {
  const problem = placementProblem(placement);
  if (problem === undefined) return;
  throw new SwitchyardError(
    'provider_unavailable',
    `The model does not run on ${provider}: ${problem}. Use a variant made for GPUs, such as fp16.`,
  );
}

async function runInBatches(
  session: OnnxSession,
  { rows, tokenBudget }: { readonly rows: readonly Int32Array[]; readonly tokenBudget: number },
  onBatch: (rowIndexes: readonly number[]) => void,
): Promise<readonly Float32Array[]> {
  const outputs = new Array<Float32Array>(rows.length);
  const lengths = rows.map(({ length }) => length);
  for (const batch of tokenBatches(lengths, tokenBudget)) {
    onBatch(batch);
    const results = await session.run(batch.flatMap((index) => rows[index] ?? []));
    for (const [place, index] of batch.entries()) {
      const result = results[place];
      if (result !== undefined) outputs[index] = result;
    }
  }
  return outputs;
}
