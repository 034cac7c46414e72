import type { ModelManifest, ModelVariant } from '#core/models/model-manifest.ts';
import type { Provider } from '#core/models/provider.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type OnnxSession, openOnnxSession } from './onnx-session.ts';

/** Everything a session needs; plain data, so that it can be sent to a worker thread. */
export interface ModelSessionSpec {
  readonly folder: string;
  readonly manifest: ModelManifest;
  readonly variant: ModelVariant;
  readonly provider: Provider;
  readonly padTokenId: number;
}

/** Opens one variant of a model and checks that its output fits the labels. Throws `model_invalid`. */
export async function openModelSession(spec: ModelSessionSpec): Promise<OnnxSession> {
  const { folder, manifest, variant, provider, padTokenId } = spec;
  const { file, sha256 } = variant;
  const session = await openOnnxSession({ folder, file, sha256, provider, padTokenId });
  try {
    const width = session.outputWidth ?? (await probeWidth(session, padTokenId));
    checkWidth(manifest, width, file);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

async function probeWidth(session: OnnxSession, padTokenId: number): Promise<number> {
  const [row] = await session.run([Int32Array.of(padTokenId, padTokenId)]);
  return row?.length ?? 0;
}

function checkWidth(manifest: ModelManifest, width: number, file: string): void {
  if (manifest.task !== 'text-classification' || manifest.labels.length === width) return;
  throw new SwitchyardError(
    'model_invalid',
    `Model ${manifest.name} has ${manifest.labels.length} labels, but ${file} gives ${width} ` +
      'numbers per text. Put one label per output column into switchyard.json and config.json.',
  );
}
