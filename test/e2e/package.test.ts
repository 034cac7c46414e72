import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { JobView } from '#core/contract/job-view.ts';
import { projectFolder, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { runCommand } from './run-cli.ts';

const run = promisify(execFile);

/** What npm pack makes on its way; it stays where it was there before. */
const bundle = join(projectFolder, 'dist');
let folder: string;
/** The program as npm installed it. */
let bin: string;

// What a user does: npm pack (which bundles) and an install elsewhere. The dependencies are those of
// this project's lock: npm would pick the newest of each range by what its cache remembers of the
// registry, which fails on a day when one of two packages that need each other is remembered.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-package-'));
  const env = npmEnvironment();
  const hadBundle = existsSync(bundle);
  await run('npm', ['pack', '--pack-destination', folder], { cwd: projectFolder, env });
  if (!hadBundle) await rm(bundle, { recursive: true });
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? assert.fail();
  const home = join(folder, 'elsewhere');
  await mkdir(home);
  await writeInstall(home, `file:../${tarball}`);
  const flags = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['ci', ...flags], { cwd: home, env });
  bin = join(home, 'node_modules/.bin/switchyard');
});

after(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: true }>>;
}

/** A project whose one dependency is the tarball, with the versions that this project was tested with. */
async function writeInstall(home: string, tarball: string): Promise<void> {
  const lock: Lock = JSON.parse(await readFile(join(projectFolder, 'package-lock.json'), 'utf8'));
  const { '': ours, ...others } = lock.packages;
  const shipped = Object.entries(others).filter(([, { dev }]) => dev !== true);
  const root = { name: 'elsewhere', dependencies: { switchyard: tarball } };
  const packages = {
    '': root,
    'node_modules/switchyard': { ...ours, resolved: tarball },
    ...Object.fromEntries(shipped),
  };
  const installed = { name: root.name, lockfileVersion: 3, requires: true, packages };
  await writeFile(join(home, 'package.json'), JSON.stringify({ ...root, private: true }));
  await writeFile(join(home, 'package-lock.json'), JSON.stringify(installed));
}

/** Without what `npm test` hands down: its settings would make the inner npm act on this project. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^npm_(?!config_(registry|cache|userconfig)$)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
  };
}

const path = () => ({ PATH: `${dirname(process.execPath)}:${process.env['PATH']}` });

test('the package holds what runs and nothing else', async () => {
  const installed = join(folder, 'elsewhere/node_modules/switchyard');

  const names = await readdir(installed);
  const files = await readdir(installed, { recursive: true });

  assert.deepEqual(
    names.filter((name) => !/^(README|LICENSE|NOTICE|CHANGELOG)/.test(name)).sort(),
    ['dist', 'models', 'package.json'],
  );
  assert.ok(!files.some((name) => name.endsWith('.ts')), 'Node does not strip types here');
  const program = await readFile(join(installed, 'dist/switchyard.mjs'), 'utf8');
  assert.ok(program.startsWith('#!/usr/bin/env node\n'));
  assert.ok(((await stat(join(installed, 'dist/switchyard.mjs'))).mode & 0o111) !== 0);
});

test('the installed program says its version', async (t) => {
  const manifest = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8'));

  const end = await runCommand(t, ['--version'], { program: [bin], env: path() });

  assert.deepEqual([end.exitCode, end.stdout.trim()], [0, manifest.version], end.stderr);
});

test('the installed program serves, predicts and runs a file through its own workers', async (t) => {
  const server = await startSwitchyard({
    command: [bin, 'serve', '--port', '0'],
    env: { ...path(), SWITCHYARD_MODELS: '' },
  });
  t.after(() => server.dispose());
  const file = join(server.dataFolder, 'texts.txt');
  await writeFile(file, 'a gripping, beautiful film\na dull, lifeless mess\n');
  const output = join(server.dataFolder, 'labels.jsonl');
  const options = { program: [bin] as const, env: { ...path(), SWITCHYARD_URL: server.url } };

  const predicted = await runCommand(t, ['predict', 'a gripping, beautiful film'], options);
  const args = ['submit', file, '--watch', '--json', '--output', output];
  const submitted = await runCommand(t, args, options);

  assert.deepEqual([predicted.exitCode, predicted.stderr], [0, '']);
  assert.match(predicted.stdout, /^POSITIVE 0\.\d{3}\n$/);
  assert.equal(submitted.exitCode, 0, `${submitted.stderr}\n${server.output()}`);
  const job: JobView = JSON.parse(submitted.stdout);
  assert.deepEqual(job.counts, { total: 2, completed: 2, failed: 0 });
  assert.match(await readFile(output, 'utf8'), /"label":"POSITIVE".*\n.*"label":"NEGATIVE"/);
  await server.stop();
});
