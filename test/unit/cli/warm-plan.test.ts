import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { runCli } from '../../../cli/run-cli.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

async function run(...args: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const code = await runCli(['warm-plan', ...args], { stdin, stdout, stderr, variables: {} });
  const textOf = (stream: PassThrough): string => String(stream.read() ?? '');
  return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
}

/** Two requests at once every 20 minutes of a day: each time two environments have died meanwhile. */
async function sparseTrace(t: TestContext): Promise<string> {
  const file = join(await temporaryFolder(t), 'arrivals.csv');
  const times = Array.from({ length: 72 }, (_, at) => (at + 1) * 1_200);
  await writeFile(file, `t_s\n${times.flatMap((at) => [at, at]).join('\n')}\n`);
  return file;
}

test('warm-plan says how many environments to keep, by hour, and what either way costs', async (t) => {
  const trace = await sparseTrace(t);

  const { code, stdout, stderr } = await run(trace);

  assert.equal(code, 0, stderr);
  assert.match(stdout, /^144 requests in 1\.0 days, 2 at once at most\n/);
  assert.match(stdout, /without warming 144 cold starts \(100\.00 %\)/);
  assert.match(stdout, /keep 2: 0 cold starts \(0\.00 %\), 144 avoided/);
  assert.match(stdout, /by hour from the first row: (2 ){23}2\n/);
  assert.match(stdout, /pings: \$0\.07 a month, \$0\.0000\d\d per avoided cold start/);
  assert.match(stdout, /provisioned concurrency: \$43\.\d\d a month/);
  assert.match(stderr, /lost at each deploy/);
});

test('warm-plan says where its target cannot be reached, and where a price is not known', async (t) => {
  const trace = await sparseTrace(t);

  const one = await run(trace, '--most', '1', '--region', 'eu-west-1');

  assert.equal(one.code, 0);
  assert.match(
    one.stdout,
    /keep 1: 72 cold starts \(50\.00 %\), 72 avoided; 0\.1 % cannot be reached/,
  );
  assert.doesNotMatch(one.stdout, /\$/, 'no price is borrowed from another region');
  assert.match(one.stderr, /provisioned-x86_64 in eu-west-1/);
  const json = JSON.parse((await run(trace, '--json')).stdout);
  assert.equal(json.choice.environments, 2);
});

test('warm-plan refuses what it cannot use', async (t) => {
  const trace = await sparseTrace(t);
  assert.equal((await run(trace, '--cold-percent', 'few')).code, 2);
  assert.equal((await run(join(trace, 'nothing.csv'))).code, 2);
});
