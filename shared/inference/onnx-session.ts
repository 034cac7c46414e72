import { cpus } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { NodePlacement } from '#core/gpu/node-placement.ts';
import { type Provider, providerSchema } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readVerifiedFile } from './read-verified-file.ts';
import { openRunProfile, type RunProfile } from './run-profile.ts';
import { tokenTensors } from './token-tensors.ts';

/** One ONNX model, open. Every run blocks the calling thread; runs must not overlap. */
export interface OnnxSession {
  /** Name of the processor, as far as it is known. */
  readonly device: string;
  /** `onnxruntime-node` and its version. */
  readonly runtime: string;
  /** Numbers per row of the output, or undefined where the file leaves it open. */
  readonly outputWidth: number | undefined;
  /** One output row per row of token ids, in order. Pads to the longest row. */
  run(rows: readonly Int32Array[]): Promise<readonly Float32Array[]>;
  /**
   * Where the operators of the runs so far were computed; asked once, before work begins. Undefined
   * where ONNX Runtime does not say, as on the CPU, where there is no question.
   */
  placement(): Promise<NodePlacement | undefined>;
  close(): Promise<void>;
}

/**
 * Opens a model after checking its SHA-256, on exactly the provider that was asked for, never on the
 * CPU instead. Throws `model_invalid` or `provider_unavailable`, and `invalid_setting` before the
 * native library is loaded unless its telemetry is off.
 */
export async function openOnnxSession(options: {
  readonly folder: string;
  readonly file: string;
  readonly sha256: string;
  readonly provider: Provider;
  readonly padTokenId: number;
}): Promise<OnnxSession> {
  refuseTelemetry();
  const ort = await import('onnxruntime-node');
  const provider = supportedProvider(options.provider, ort.listSupportedBackends());
  const { folder, file, sha256 } = options;
  const bytes = await readVerifiedFile({ folder, path: file, sha256 });
  const profile = provider === 'cpu' ? undefined : await openRunProfile();
  const session = await createSession(ort, bytes, { provider, file, profile });
  // The session has its own copy. Detached, the file's bytes are free at once; left to V8, every
  // session of a process would keep them until some late collection.
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === bytes.byteLength) buffer.transfer(0);
  const output = checkShape(session, file);

  return {
    device: provider === 'cpu' ? (cpus()[0]?.model ?? 'cpu') : `${provider} device 0`,
    runtime: `onnxruntime-node ${ort.env.versions.node ?? ort.env.versions.common}`,
    outputWidth: output.width,
    async run(rows) {
      const tensors = tokenTensors(rows, options.padTokenId);
      const feeds = Object.fromEntries(
        session.inputNames.map((name) => [
          name,
          new ort.Tensor('int64', tensors.values[name as InputName], [...tensors.shape]),
        ]),
      );
      const { [output.name]: result } = await session.run(feeds, [output.name]);
      return splitRows(result?.data, rows.length, file);
    },
    async placement() {
      if (profile === undefined) return undefined;
      session.endProfiling();
      const placement = await profile.read();
      await profile.remove();
      return placement;
    },
    async close() {
      await session.release();
      await profile?.remove();
    },
  };
}

/**
 * ONNX Runtime ≥ 1.29 writes a device id and sends usage data unless this variable is set in the
 * main thread before the native library starts; a worker thread's environment is only a copy.
 */
export function refuseTelemetry(): void {
  if (process.env['ORT_DISABLE_TELEMETRY'] === '1') return;
  throw new SwitchyardError(
    'invalid_setting',
    'ORT_DISABLE_TELEMETRY is not 1, so ONNX Runtime would send usage data. Set it to 1 in the ' +
      'environment, or in the main thread before the first session is opened.',
  );
}

type Ort = typeof import('onnxruntime-node');
type InputName = (typeof inputNames)[number];
const inputNames = ['input_ids', 'attention_mask', 'token_type_ids'] as const;

function supportedProvider(
  wanted: string,
  supported: readonly { readonly name: string }[],
): Provider {
  const provider = providerSchema.safeParse(wanted).data;
  // ONNX Runtime takes an unknown name with a mere warning and runs on the CPU.
  if (provider !== undefined && supported.some(({ name }) => name === provider)) return provider;
  const known = providerSchema.options.filter((name) => supported.some((s) => s.name === name));
  throw new SwitchyardError(
    'provider_unavailable',
    `This build of ONNX Runtime has no execution provider ${wanted}; it has ${known.join(', ')}.`,
  );
}

async function createSession(
  ort: Ort,
  bytes: Uint8Array,
  {
    provider,
    file,
    profile,
  }: {
    readonly provider: Provider;
    readonly file: string;
    readonly profile: RunProfile | undefined;
  },
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      // Exactly one: with "cpu" beside it, a GPU provider that fails to load is left out silently.
      executionProviders: [provider],
      ...profile?.options,
      // More threads cost more CPU per row; parallelism comes from more sessions.
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      // The level changes int8 values a little (up to 0.12 of a logit), so it is fixed.
      graphOptimizationLevel: 'all',
      // With many shapes the pattern cache only grows.
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
  } catch (cause) {
    await profile?.remove();
    if (provider === 'cpu') {
      throw new SwitchyardError(
        'model_invalid',
        `ONNX Runtime cannot open ${file}, although its SHA-256 is right. Export the model again.`,
        { cause },
      );
    }
    throw new SwitchyardError(
      'provider_unavailable',
      `Execution provider ${provider} could not open ${file}: no such device or driver here, or ` +
        'the device cannot run the model. Use a machine that has one, or provider cpu.',
      { cause },
    );
  }
}

function checkShape(session: InferenceSession, file: string) {
  const unknown = session.inputNames.filter((name) => !inputNames.some((known) => known === name));
  if (unknown.length > 0) {
    throw new SwitchyardError(
      'model_invalid',
      `${file} needs the input ${unknown.join(', ')}; text models take ${inputNames.join(', ')}.`,
    );
  }
  const [output] = session.outputMetadata;
  if (output?.isTensor !== true || output.type !== 'float32' || output.shape.length !== 2) {
    throw new SwitchyardError(
      'model_invalid',
      `The first output of ${file} must be float32 [batch, width]; export the model with its ` +
        'pooling or classification head.',
    );
  }
  const width = output.shape[1];
  return { name: output.name, width: typeof width === 'number' ? width : undefined };
}

function splitRows(data: unknown, rows: number, file: string): readonly Float32Array[] {
  if (!(data instanceof Float32Array) || data.length % rows !== 0) {
    throw new SwitchyardError('model_invalid', `${file} did not return one row per text.`);
  }
  const width = data.length / rows;
  // Copies: a view would keep the whole batch alive, and cannot be transferred to another thread.
  return Array.from({ length: rows }, (_, row) => data.slice(row * width, (row + 1) * width));
}
