import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { buildSync, type Metafile } from 'esbuild';
import { selfContainedBundle } from '#core/deployment/node-bundle.ts';
import { copyModels } from './copy-models.ts';
import { copyOnnxRuntime } from './copy-onnx-runtime.ts';
import { type FunctionName, type FunctionPackage, functionPackages } from './function-entries.ts';
import { projectFolder } from './project-folder.ts';

export interface BundledFunction {
  /** Folder whose content is the function's package. */
  readonly folder: string;
  /** `file.export`, as Lambda is told. */
  readonly handler: string;
  /** Size unzipped. */
  readonly bytes: number;
  /** SHA-256 of every file's name and content. */
  readonly sha256: string;
  /** What esbuild put into the entry and the chunks that it loads. */
  readonly metafile: Metafile;
}

export interface BundleOptions {
  readonly architecture: 'x86_64' | 'arm64';
  /** Names of folders in `models/`. */
  readonly models: readonly string[];
  /**
   * Files that are made at synth, by name: their text.
   *
   * @default {}
   */
  readonly files?: Readonly<Record<string, string>> | undefined;
  /**
   * Whom the function asks about answers that are not certain enough; what it needs for others is left out.
   *
   * @default 'nobody'
   */
  readonly escalatesTo?: keyof typeof unusedBy;
}

/** Loaded late in the sources, and never loaded by functions that ask nobody, or models alone. */
const unusedBy = {
  nobody: ['./functions/aws/open-deployed-escalation.ts'],
  models: ['openai', './shared/adapters/aws/account/secrets-manager-requests.ts'],
  endpoints: [],
} as const satisfies Record<string, readonly string[]>;

const bundled = new Map<string, BundledFunction>();

/**
 * Builds a function's package: one file, chunks that are loaded when first needed (the AWS clients),
 * models and ONNX Runtime where it has them. Throws when it exceeds its size. Built once a process.
 */
export function bundleFunction(name: FunctionName, options: BundleOptions): BundledFunction {
  const key = JSON.stringify([name, options]);
  const result = bundled.get(key) ?? build(name, options);
  bundled.set(key, result);
  return result;
}

function build(name: FunctionName, options: BundleOptions): BundledFunction {
  const spec: FunctionPackage = functionPackages[name];
  const folder = temporaryFolder();
  const file = basename(spec.entry, '.ts');
  const unused = name === 'inference' ? unusedBy[options.escalatesTo ?? 'nobody'] : [];
  const metafile = bundleEntry(spec.entry, { folder, file, unused });
  for (const [started, entry] of Object.entries(spec.startedFiles ?? {})) {
    bundleEntry(entry, { folder, file: started, unused });
  }
  if (spec.models !== 'none') copyModels(folder, { models: options.models, kind: spec.models });
  if (spec.models === 'weights') {
    copyOnnxRuntime(folder, options.architecture === 'arm64' ? 'arm64' : 'x64');
  }
  for (const [made, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(folder, made), text);
  }
  const { bytes, sha256 } = measure(folder);
  if (bytes > spec.maxBytes) {
    throw new Error(
      `The package of ${spec.entry} has ${bytes} bytes, more than ${spec.maxBytes}: serve fewer models, or find what the last change pulled in.`,
    );
  }
  return { folder, handler: `${file}.handler`, bytes, sha256, metafile };
}

function bundleEntry(
  entry: string,
  to: { readonly folder: string; readonly file: string; readonly unused: readonly string[] },
): Metafile {
  return buildSync({
    ...selfContainedBundle,
    absWorkingDir: projectFolder,
    entryPoints: { [to.file]: entry },
    outdir: to.folder,
    chunkNames: `${to.file}-[hash]`,
    minify: true,
    legalComments: 'none',
    external: [...selfContainedBundle.external, ...to.unused],
    metafile: true,
  }).metafile;
}

function measure(folder: string): { readonly bytes: number; readonly sha256: string } {
  const hash = createHash('sha256');
  let bytes = 0;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    bytes += statSync(path).size;
    hash.update(`${relative(folder, path)}\0`).update(readFileSync(path));
  }
  return { bytes, sha256: hash.digest('hex') };
}

function byPath(
  left: { readonly parentPath: string; readonly name: string },
  right: { readonly parentPath: string; readonly name: string },
): number {
  return join(left.parentPath, left.name) < join(right.parentPath, right.name) ? -1 : 1;
}

const folders: string[] = [];

function temporaryFolder(): string {
  if (folders.length === 0) process.once('exit', removeFolders);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-package-'));
  folders.push(folder);
  return folder;
}

function removeFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
