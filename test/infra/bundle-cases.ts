import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { Metafile } from 'esbuild';
import { bundleFunction } from '../../infra/bundling/bundle-function.ts';
import { type FunctionName, functionPackages } from '../../infra/bundling/function-entries.ts';

/** Packages are built once a process for the same options. */
export const packagedAlike = {
  architecture: 'x86_64',
  models: ['sst2-minilm', 'minilm-embed'],
} as const;
const names = Object.keys(functionPackages) as FunctionName[];

export function bundleCases(): void {
  const bundles = new Map(names.map((name) => [name, bundleFunction(name, packagedAlike)]));
  const filesOf = (name: FunctionName) =>
    readdirSync(bundles.get(name)?.folder ?? '', { recursive: true }) as string[];

  test('the function that answers loads no AWS client before it answered', () => {
    const metafile = bundles.get('inference')?.metafile;
    const loaded = staticInputs(metafile, 'serve-inference.mjs');

    assert.ok(loaded.length > 50);
    assert.deepEqual(
      loaded.filter((input) => /node_modules\/@(aws-sdk|smithy)\//.test(input)),
      [],
    );
  });

  test('what escalation needs is in no package that has no rule of it', () => {
    const late = /node_modules\/openai\/|open-deployed-escalation|openai-rescorer/;
    for (const name of names) {
      const inputs = Object.keys(bundles.get(name)?.metafile.inputs ?? {});
      assert.deepEqual(
        inputs.filter((input) => late.test(input)),
        [],
        name,
      );
    }
  });

  test('the client of endpoints loads late, and is small', () => {
    const plain = bundles.get('inference');
    const asking = bundleFunction('inference', { ...packagedAlike, escalatesTo: 'endpoints' });
    const isClient = (input: string) => input.includes('node_modules/openai/');

    assert.ok(Object.keys(asking.metafile.inputs).some(isClient));
    assert.deepEqual(staticInputs(asking.metafile, 'serve-inference.mjs').filter(isClient), []);
    const added = asking.bytes - (plain?.bytes ?? 0);
    console.log(`endpoints add ${added} bytes to the inference package`);
    assert.ok(added > 0 && added < 2_000_000, `${added} bytes`);
  });

  test('packages with models hold ONNX Runtime for one platform and no file of a GPU', () => {
    for (const name of ['inference', 'fleet'] as const) {
      const runtimes = filesOf(name).filter((file) =>
        /libonnxruntime|onnxruntime\.(dll|so)/.test(file),
      );
      assert.equal(runtimes.length, 1, runtimes.join());
      assert.match(runtimes[0] ?? '', /linux\/x64/);
      assert.ok((bundles.get(name)?.bytes ?? Infinity) < 120_000_000);
      assert.deepEqual(
        filesOf(name).filter((file) => file.includes('fp16')),
        [],
      );
    }
  });

  test('functions that only control are small, without a model and without ONNX Runtime', () => {
    for (const name of names.filter((each) => each !== 'inference' && each !== 'fleet')) {
      assert.ok((bundles.get(name)?.bytes ?? Infinity) < 3_000_000, name);
      assert.deepEqual(
        filesOf(name).filter((file) => /\.onnx$|onnxruntime-node/.test(file)),
        [],
      );
    }
  });

  test('what a function starts as a thread or a process lies beside it', () => {
    // It answers on the thread that was called.
    assert.ok(!filesOf('inference').includes('session-worker.mjs'));
    assert.ok(filesOf('fleet').includes('worker.mjs'));
    assert.ok(filesOf('fleet').includes('session-child.mjs'));
  });
}

/** Files of the project that are in the entry or in a chunk that it imports, not in one it may load. */
function staticInputs(metafile: Metafile | undefined, entry: string): readonly string[] {
  const outputs = metafile?.outputs ?? {};
  const waiting = Object.keys(outputs).filter((file) => file.endsWith(`/${entry}`));
  const seen = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const statics = outputs[file]?.imports.filter(({ kind }) => kind === 'import-statement') ?? [];
    waiting.push(...statics.map(({ path }) => path).filter((path) => path in outputs));
  }
  return [...seen].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {}));
}
