import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { runCli } from '../../../cli/run-cli.ts';

/** What a person gets wrong before any service is asked; nothing listens at port 1. */
async function run(...args: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const variables = { SWITCHYARD_URL: 'http://127.0.0.1:1' };
  const exitCode = await runCli(args, { stdin, stdout, stderr, variables });
  stdout.end();
  stderr.end();
  return { exitCode, out: await text(stdout), said: await text(stderr) };
}

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-mistakes-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('a file that is not there is said to be so, whatever its suffix', async (t) => {
  const folder = await temporaryFolder(t);
  for (const command of ['submit', 'quote']) {
    const absent = await run(command, join(folder, 'absent'));
    assert.equal(absent.exitCode, 2);
    assert.match(absent.said, /absent cannot be read .*\n.*path and its permissions/);
    const isFolder = await run(command, folder);
    assert.equal(isFolder.exitCode, 2);
    assert.match(isFolder.said, /is no regular file/);
  }
});

test('a bill that is not there is no fault of the program', async (t) => {
  const folder = await temporaryFolder(t);
  const bill = ['--actual', join(folder, 'cur.csv'), '--tag', 'a=b'];
  const { exitCode, said } = await run('report', '--out', join(folder, 'out'), ...bill);
  assert.equal(exitCode, 2);
  assert.match(said, /cur\.csv cannot be read/);
});

test('a data folder that cannot be made is named, with the setting', async (t) => {
  const file = join(await temporaryFolder(t), 'file');
  await writeFile(file, '');
  const { exitCode, said } = await run('serve', '--port', '0', '--data', file);
  assert.equal(exitCode, 1);
  assert.match(said, /file.*\n?.*--data/);
  assert.doesNotMatch(said, /fault of the program/);
});

test('help shows deadlines as they are typed', async () => {
  const { exitCode, out } = await run('quote', '--help');
  assert.equal(exitCode, 0);
  assert.match(out, /default: 5m,1h,24h/);
  assert.doesNotMatch(out, /300000/);
});

test('the options of a job can be given with submit', async () => {
  const { out } = await run('submit', '--help');
  for (const option of ['--text-column', '--delimiter', '--lane', '--deadline']) {
    assert.ok(out.includes(option), option);
  }
  const wrong = await run('submit', 'x.csv', '--deadline', 'soon');
  assert.equal(wrong.exitCode, 2);
  assert.match(wrong.said, /such as 5m, 1h or 24h/);
});
