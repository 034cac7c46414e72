import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const project = join(import.meta.dirname, '../..');

test('npx cdk synth --all works with an older Node first on the PATH', async (t) => {
  const older = await findOlderNode();
  if (older === undefined) return t.skip('no Node older than 24 is on the PATH here');
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify({ name: 'by-command', warming: { environments: 1 } }));

  const args = ['cdk', 'synth', '--all', '--quiet', '--output', join(folder, 'out')];
  const { stderr } = await run('npx', [...args, '--context', `config=${config}`], {
    cwd: project,
    timeout: 600_000,
    env: { ...process.env, PATH: older },
  });

  const templates = (await readdir(join(folder, 'out'))).filter((file) =>
    file.endsWith('.template.json'),
  );
  assert.deepEqual(templates.sort(), [
    'by-command-bulk.template.json',
    'by-command-operations.template.json',
    'by-command-serving.template.json',
  ]);
  assert.match(stderr, /While nobody calls it costs \$\d\.\d\d a month/);
});

test('a config that is wrong is refused in one line that names the file or the setting', async (t) => {
  const folder = await temporaryFolder(t);
  const config = join(folder, 'config.json');
  const refusalOf = async (content: string, named = config) => {
    await writeFile(config, content);
    const context = JSON.stringify({ config: named });
    const failed = run(process.execPath, ['infra/app.ts'], {
      cwd: project,
      timeout: 300_000,
      env: { ...process.env, CDK_CONTEXT_JSON: context, CDK_OUTDIR: join(folder, 'out') },
    });
    const { code, stderr } = await failed.then(
      () => assert.fail('it was taken'),
      (error: { code: number; stderr: string }) => error,
    );
    assert.equal(code, 1);
    return stderr;
  };

  assert.match(await refusalOf('{"memoryMb": 64}'), /^deployment config: memoryMb: .*\n$/);
  assert.match(await refusalOf('{"name": ""}'), /^deployment config: name: 2–24 .*\n$/);
  assert.match(
    await refusalOf('{"colour": "red"}'),
    /^deployment config: colour: this field is not known.*\n$/,
  );
  assert.match(
    await refusalOf('{"name": '),
    /^deployment config: \S+config\.json is not JSON.*\n$/,
  );
  assert.match(await refusalOf('{}', join(folder, 'none')), /^deployment config: .*ENOENT.*\n$/);
});

/** The PATH without the project's own programs, where its first Node is older than the app needs. */
async function findOlderNode(): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'));
  const first = folders.find((folder) => existsSync(join(folder, 'node')));
  if (first === undefined) return undefined;
  const { stdout } = await run(join(first, 'node'), ['--version']);
  return Number.parseInt(stdout.slice(1), 10) < 24 ? folders.join(delimiter) : undefined;
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-command-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
