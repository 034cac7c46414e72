import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#adapters/local/system-clock.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

const deadlineMillis = 120_000;

/** A child with a HOME and TMPDIR of its own and without CI, which would silence ONNX Runtime too. */
async function startChild(context: TestContext, script: string, variables: NodeJS.ProcessEnv) {
  const folder = await temporaryFolder(context);
  const [home, tmp] = [path.join(folder, 'home'), path.join(folder, 'tmp')];
  await Promise.all([mkdir(home), mkdir(tmp)]);
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _ort, XDG_CACHE_HOME: _xdg, ...inherited } = process.env;
  const file = new URL(`../../fixtures/inference/${script}`, import.meta.url);
  const child = spawn(process.execPath, [fileURLToPath(file)], {
    env: { ...inherited, HOME: home, TMPDIR: tmp, ...variables },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  context.after(() => child.kill('SIGKILL'));
  return { child, files: () => filesUnder(folder) };
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
}

async function endOf(child: ChildProcess): Promise<{ code: number | null; errors: string }> {
  const errors: string[] = [];
  child.stderr?.on('data', (chunk) => errors.push(String(chunk)));
  child.stdout?.resume();
  const [code] = await once(child, 'close');
  return { code, errors: errors.join('') };
}

test('an inference with telemetry off leaves no file behind', async (t) => {
  const off = { ORT_DISABLE_TELEMETRY: '1' };
  const { child, files } = await startChild(t, 'predict-once-child.ts', off);

  const { code, errors } = await endOf(child);

  assert.equal(code, 0, errors);
  assert.deepEqual(await files(), []);
});

test('our opener refuses to start ONNX Runtime with telemetry on, and no file appears', async (t) => {
  const { child, files } = await startChild(t, 'predict-once-child.ts', {});

  const { code, errors } = await endOf(child);

  assert.notEqual(code, 0);
  assert.match(errors, /invalid_setting: ORT_DISABLE_TELEMETRY is not 1/);
  assert.deepEqual(await files(), []);
});

const onLinux = process.platform === 'linux';
const elsewhere = 'where ONNX Runtime keeps its telemetry files is known for Linux only';

test('the check above would notice: ONNX Runtime without our opener leaves files', {
  skip: onLinux ? false : elsewhere,
}, async (t) => {
  const { child, files } = await startChild(t, 'raw-onnxruntime-child.ts', {});
  const endMillis = performance.now() + deadlineMillis;

  let found: readonly string[] = [];
  while (found.length === 0 && performance.now() < endMillis) {
    await systemClock.sleep(20);
    found = await files();
  }

  child.kill('SIGKILL');
  await once(child, 'close');
  t.diagnostic(`without the variable: ${found.join(', ')}`);
  assert.ok(
    found.length > 0,
    `no telemetry file within ${deadlineMillis} ms: ONNX Runtime has changed, or something else ` +
      'silences it here; then the tests above prove nothing',
  );
});
