import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { test } from 'node:test';

// House rules that no linter knows. Each failure names file and line.

const root = join(import.meta.dirname, '../..');
const sourceFolders = ['infra', 'functions', 'gpu-batch', 'shared', 'cli'];

function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const sources = sourceFolders.flatMap(filesUnder);
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

function findings(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${line.trim()}`] : [])),
  );
}

test('only one file imports ONNX Runtime', () => {
  const importers = sources.filter((file) =>
    /(from |import\()['"]onnxruntime-node['"]/.test(textOf(file)),
  );

  assert.deepEqual(importers, ['shared/inference/onnx-session.ts']);
});

test('zod is imported as a namespace, of which a bundle keeps only what is used', () => {
  // Named, its translations come along: 364 KB and 13 ms of each cold start.
  assert.deepEqual(findings(sources, /^import \{ z \} from 'zod'/), []);
});

test('clock and random are used in adapters and entries only', () => {
  const inner = sources.filter((file) => /^shared\/(core|inference|work)\//.test(file));

  assert.deepEqual(
    findings(inner, /Date\.now\(|new Date\(\)|Math\.random\(|randomUUID\(|randomBytes\(/),
    [],
  );
});

test('the environment is read in adapters and entries only', () => {
  // The session opener checks that telemetry is off; that is its only look at the environment.
  const inner = sources.filter(
    (file) => /^shared\/(core|work)\//.test(file) || file.startsWith('shared/inference/'),
  );
  const readers = inner.filter((file) => textOf(file).includes('process.env'));

  assert.ok(readers.length <= 1, readers.join(', '));
});

test('no file is a barrel or a drawer for everything', () => {
  const drawers = new Set([
    'index.ts',
    'utils.ts',
    'helpers.ts',
    'types.ts',
    'common.ts',
    'misc.ts',
  ]);
  const files = [...sources, ...filesUnder('test')];

  assert.deepEqual(
    files.filter((file) => drawers.has(basename(file))),
    [],
  );
});

test('every optional option says its default', () => {
  const missing = sources.flatMap((file) => undocumentedOptions(file, textOf(file)));

  assert.deepEqual(missing, []);
});

function undocumentedOptions(file: string, text: string): string[] {
  const interfaces = text.matchAll(
    /export interface (\w+(?:Options|Props|Limits|Config)) [^{]*\{\n([\s\S]*?)\n\}/g,
  );
  return [...interfaces].flatMap(([, name, body = '']) => {
    const fields = body.split(/;\n/).filter((field) => /^ {2}readonly \w+\?:/m.test(field));
    return fields
      .filter((field) => !field.includes('@default'))
      .map((field) => `${file}: ${name}: ${field.trim().split('\n').at(-1)}`);
  });
}

test('shared code throws typed errors only', () => {
  const shared = sources.filter((file) => file.startsWith('shared/'));

  assert.deepEqual(findings(shared, /throw new (Error|TypeError|RangeError)\(/), []);
});

test('no test skips or waits without a reason beside it', () => {
  const tests = filesUnder('test').filter((file) => !file.endsWith('conventions.test.ts'));

  assert.deepEqual(findings(tests, /\b(test|it|describe)\.(only|todo)\(/), []);
});

test('every path named in the root documents exists', () => {
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'];
  const named = /`((?:infra|functions|gpu-batch|shared|cli|test|models|docs|\.ci)\/[\w./-]*)`/g;
  const missing = documents.flatMap((document) =>
    [...textOf(document).matchAll(named)]
      .map(([, path = '']) => path)
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${document}: ${path}`),
  );

  assert.deepEqual(missing, []);
});

test('nothing names a machine, a registry or a secret', () => {
  const lock = textOf('package-lock.json');

  assert.equal(/"resolved":/.test(lock), false, 'package-lock.json names a registry');
  const documents = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md', '.ci/run'];
  const files = [...sources, ...filesUnder('test'), ...documents];
  // Absolute paths of one machine; `shared/work/` is a folder of ours.
  assert.deepEqual(findings(files, /(^|[\s"'`(=])\/(work|root|home)\//), []);
});
