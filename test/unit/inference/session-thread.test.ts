import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { readModelBundle } from '#inference/model-bundle.ts';
import type { ModelSessionSpec } from '#inference/open-model-session.ts';
import { variantFor } from '#inference/provider-choice.ts';
import { startSessionThread } from '#inference/session-thread.ts';
import { tinyTextFolder } from '../../fixtures/inference/bundles.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const entry = new URL('../../../shared/inference/session-worker.ts', import.meta.url);

function startThread(context: TestContext) {
  const thread = startSessionThread(entry);
  context.after(() => thread.terminate());
  return thread;
}

async function tinyTextSpec(): Promise<ModelSessionSpec> {
  const { folder, manifest } = await readModelBundle(tinyTextFolder);
  const variant = variantFor(manifest, { variant: 'cpu-fp32', provider: 'cpu' });
  return { folder, manifest, variant, provider: 'cpu', padTokenId: 0 };
}

test('a session thread answers each request with one row per row', async (t) => {
  const thread = startThread(t);
  await thread.load(await tinyTextSpec());

  const running = thread.run('tiny-text', [Int32Array.of(2, 53, 3), Int32Array.of(2, 3)]);

  assert.equal(thread.isBusy(), true);
  const rows = await running;
  assert.equal(thread.isBusy(), false);
  assert.deepEqual(
    rows.map(({ length }) => length),
    [2, 2],
  );
});

test('an error in the worker arrives with its code, and the worker goes on', async (t) => {
  const thread = startThread(t);
  const spec = await tinyTextSpec();
  const damaged = { ...spec, variant: { ...spec.variant, sha256: '0'.repeat(64) } };

  await assert.rejects(thread.run('tiny-text', []), { code: 'not_ready' });
  await assert.rejects(thread.load(damaged), { code: 'model_invalid', detail: /damaged/ });
  // A token that the model does not know fails in ONNX Runtime itself.
  await thread.load(spec);
  const unknown = thread.run('tiny-text', [Int32Array.of(2, 1_000_000, 3)]);
  await assert.rejects(unknown, { code: 'internal' });

  assert.equal((await thread.run('tiny-text', [Int32Array.of(2, 3)])).length, 1);
});

test('what a worker was doing when it ended fails, and so does what comes later', async (t) => {
  const thread = startThread(t);
  const loading = thread.load(await tinyTextSpec());
  const refused = assert.rejects(loading, { code: 'worker_failed', retryAfterSeconds: 1 });

  await thread.terminate();

  await refused;
  await thread.ended;
  assert.equal(thread.isBusy(), true);
  await assert.rejects(thread.run('tiny-text', []), { code: 'worker_failed' });
});

test('a worker entry that is not there ends the thread instead of hanging', async (t) => {
  const thread = startSessionThread(new URL('./missing.ts', entry));
  t.after(() => thread.terminate());
  const refusal = { code: 'worker_failed', detail: /MODULE_NOT_FOUND/ };
  await assert.rejects(thread.load(await tinyTextSpec()), refusal);
  await thread.ended;
});

test('a thread that is ended within a native call does not bring the process down', async (t) => {
  // Each run is cut short somewhere; cutting the native call would abort this very process.
  const spec = await tinyTextSpec();
  for (let at = 0; at < 3; at += 1) {
    const thread = startThread(t);
    await thread.load(spec);
    const rows = Array.from({ length: 100 }, () => new Int32Array(400).fill(53));
    // One call waits behind the other, so that however fast the machine is, some call is cut.
    const runUntilCut = async () => {
      for (;;) await thread.run('tiny-text', rows);
    };
    const cuts = [runUntilCut(), runUntilCut()].map((runs) =>
      assert.rejects(runs, { code: 'worker_failed' }),
    );
    await systemClock.sleep(at * 10);
    await thread.terminate();
    await Promise.all(cuts);
    await assert.rejects(thread.load(spec), { code: 'worker_failed' });
  }
});
