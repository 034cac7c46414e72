import * as z from 'zod';
import { type Lane, laneSchema } from '#core/contract/lane.ts';
import { variantForLane } from '#core/models/lane-files.ts';
import { type ModelManifest, modelManifestSchema } from '#core/models/model-manifest.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { readBundleFile, readVerifiedFile, verifyFile } from './read-verified-file.ts';

/** A bundle whose manifest is valid and whose small files are verified; its ONNX files may not be. */
export interface ModelBundle {
  readonly folder: string;
  readonly manifest: ModelManifest;
}

const MANIFEST_FILE = 'switchyard.json';
const TOKENIZER_FILES = ['tokenizer.json', 'tokenizer_config.json'];

const configSchema = z.looseObject({ id2label: z.record(z.string(), z.string()).optional() });

/**
 * Reads a bundle and verifies every file that decides an answer except the ONNX files, which the
 * session that opens one verifies itself. Throws `model_invalid`.
 */
export async function readModelBundle(folder: string): Promise<ModelBundle> {
  const manifest = await readModelManifest(folder);
  for (const path of TOKENIZER_FILES) {
    if (manifest.files[path] === undefined) {
      throw invalid(manifest.name, `${MANIFEST_FILE} names no SHA-256 for ${path}; add it.`);
    }
  }
  for (const [path, sha256] of Object.entries(manifest.files)) {
    const bytes = await readVerifiedFile({ folder, path, sha256 });
    if (path === 'config.json') checkLabels(manifest, parseJson(bytes, path));
  }
  if (manifest.task === 'text-classification' && manifest.labels.length === 0) {
    throw invalid(manifest.name, 'a text-classification model needs its labels in output order.');
  }
  return { folder, manifest };
}

/** {@link readModelBundle} and {@link verifyWeights} in one. Throws `model_invalid`. */
export async function openModelBundle(
  folder: string,
  lanes: readonly Lane[] = laneSchema.options,
): Promise<ModelBundle> {
  const bundle = await readModelBundle(folder);
  await verifyWeights(bundle, lanes);
  return bundle;
}

/**
 * Verifies the ONNX files of the given lanes; those of other lanes may be elsewhere and are not
 * touched. Throws `model_invalid`.
 */
export async function verifyWeights(
  { folder, manifest }: ModelBundle,
  lanes: readonly Lane[],
): Promise<void> {
  // Two variants may share a file, as fp32 does on CPU and GPU.
  const hashes = new Map(manifest.variants.map(({ file, sha256 }) => [file, sha256]));
  for (const { name, file, sha256 } of manifest.variants) {
    if (hashes.get(file) === sha256) continue;
    throw invalid(manifest.name, `variant ${name} names another SHA-256 for ${file}.`);
  }
  const used = lanes.flatMap((lane) => variantForLane(manifest, lane)?.file ?? []);
  for (const path of new Set(used)) {
    await verifyFile({ folder, path, sha256: hashes.get(path) ?? '' });
  }
}

/** `switchyard.json` alone; what it says of other files is not checked. Throws `model_invalid`. */
export async function readModelManifest(folder: string): Promise<ModelManifest> {
  return parseManifest(await readBundleFile(folder, MANIFEST_FILE));
}

function parseManifest(bytes: Uint8Array): ModelManifest {
  const parsed = modelManifestSchema.safeParse(parseJson(bytes, MANIFEST_FILE));
  if (parsed.success) return parsed.data;
  throw new SwitchyardError(
    'model_invalid',
    `${MANIFEST_FILE} is not valid: ${z.prettifyError(parsed.error)}`,
  );
}

function checkLabels(manifest: ModelManifest, json: unknown): void {
  const id2label = configSchema.safeParse(json).data?.id2label;
  if (id2label === undefined || manifest.task !== 'text-classification') return;
  const configured = Object.entries(id2label)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, label]) => label);
  if (JSON.stringify(configured) === JSON.stringify(manifest.labels)) return;
  throw invalid(
    manifest.name,
    `the labels of ${MANIFEST_FILE} are ${manifest.labels.join(', ') || 'empty'}, those of ` +
      `config.json (id2label) ${configured.join(', ')}. Both must be the same, in the same order.`,
  );
}

function parseJson(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new SwitchyardError('model_invalid', `${path} is not valid JSON in UTF-8.`, { cause });
  }
}

function invalid(model: string, detail: string): SwitchyardError {
  return new SwitchyardError('model_invalid', `Model ${model}: ${detail}`);
}
