import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import {
  changeManifest,
  copyTinyText,
  fixtureModelsFolder,
  modelsFolder,
  readManifest,
} from '../../fixtures/inference/bundles.ts';
import { startReadyService, startService, untilService } from '../../fixtures/inference/service.ts';

process.env['ORT_DISABLE_TELEMETRY'] = '1';

const model = 'sst2-minilm';
/** More tokens than any other text here. */
const longText = 'a gripping , beautiful film '.repeat(120);

test('a service answers with every model once it is ready, not before', async (t) => {
  const service = await startService(t, [modelsFolder]);
  assert.equal(service.readiness().ready, false);
  assert.equal(service.models()[1]?.serving, null);
  const early = service.predict({ model, texts: ['too early'] });
  await assert.rejects(early, { code: 'not_ready', retryAfterSeconds: 1 });
  await untilService(service, () => service.readiness().ready);

  const [outcome] = await service.predict({ model, texts: ['a gripping, beautiful film'] });
  const [vector] = await service.predict({ model: 'minilm-embed', texts: ['a film'] });

  assert.ok(outcome?.ok && outcome.answer.kind === 'classification');
  assert.equal(outcome.answer.scores[0]?.label, 'POSITIVE');
  assert.ok(vector?.ok && vector.answer.kind === 'embedding');
  assert.equal(vector.answer.embedding.length, 384);
  const runtime = 'onnxruntime-node 1.30.0';
  assert.deepEqual(
    service.models().map(({ name, serving }) => [name, serving]),
    ['minilm-embed', model].map((name) => [
      name,
      { variant: 'cpu-int8', provider: 'cpu', runtime },
    ]),
  );
  assert.deepEqual(service.health(), { healthy: true, reasons: [] });
});

test('concurrent requests get exactly the answers they get alone', async (t) => {
  const service = await startReadyService(t, [modelsFolder], { sessionWorkers: 2 });
  const word = fc.constantFrom('dull', 'gripping', 'not', 'film', 'the', 'mess', ',', 'k-19');
  const text = fc.array(word, { minLength: 1, maxLength: 40 }).map((words) => words.join(' '));
  const requests = fc.array(fc.array(text, { minLength: 1, maxLength: 8 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(requests, async (all) => {
      const together = await Promise.all(all.map((texts) => service.predict({ model, texts })));
      for (const [index, texts] of all.entries()) {
        const alone = [];
        for (const each of texts) alone.push(...(await service.predict({ model, texts: [each] })));
        assert.deepEqual(together[index], alone);
      }
    }),
    { numRuns: 10 },
  );
});

test('the event loop turns while the model runs', async (t) => {
  const service = await startReadyService(t, [modelsFolder]);
  const runs = 16;
  let isRunning = true;
  let turns = 0;
  const predicting = service
    .predict({ model, texts: Array.from({ length: runs }, () => longText) })
    .finally(() => {
      isRunning = false;
    });

  while (isRunning) {
    turns += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }

  // Were the model to run in this thread, there would be a few turns per run. A turn takes
  // microseconds and a run milliseconds, on any machine: both get faster together.
  assert.ok(turns > 50 * runs, `${turns} turns in ${runs} runs`);
  assert.equal((await predicting).length, runs);
});

test('a full queue refuses further requests and answers those it took', async (t) => {
  const service = await startReadyService(t, [modelsFolder], { maxQueuedItems: 4 });
  const first = service.predict({ model, texts: Array.from({ length: 8 }, () => longText) });

  const refused = await service.predict({ model, texts: ['one more'] }).catch((e: unknown) => e);

  assert.ok(refused instanceof SwitchyardError);
  assert.equal(refused.code, 'overloaded');
  assert.ok((refused.retryAfterSeconds ?? 0) >= 1);
  assert.ok((await first).every(({ ok }) => ok));
});

test('a request that is aborted gives its place up', async (t) => {
  const service = await startReadyService(t, [modelsFolder]);
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = service.predict({ model, texts: [longText, longText, longText], signal });

  controller.abort(new Error('client is gone'));

  await assert.rejects(aborted, { message: 'client is gone' });
  const [outcome] = await service.predict({ model, texts: ['still there'] });
  assert.equal(outcome?.ok, true);
});

test('an unknown model is refused', async (t) => {
  const service = await startReadyService(t, [fixtureModelsFolder]);
  const asking = service.predict({ model: '../../etc/passwd', texts: ['x'] });
  await assert.rejects(asking, { code: 'model_not_found' });
});

test('a worker that dies is restarted and its requests are answered', async (t) => {
  const marker = path.join(await temporaryFolder(t), 'died');
  const workerEntry = dyingWorker(t, marker);
  const service = await startReadyService(t, [fixtureModelsFolder], { workerEntry });
  const ask = (text: string) => service.predict({ model: 'tiny-text', texts: [text] });

  // 5 tokens with [CLS] and [SEP]: this one kills the worker the first time.
  const outcomes = await Promise.all([ask('a'), ask('good good good'), ask('dull'), ask('a film')]);

  assert.ok(existsSync(marker), 'the worker has not died');
  assert.ok(outcomes.every(([outcome]) => outcome?.ok));
  await untilService(service, () => service.readiness().ready);
});

test('a request that kills every worker fails typed and takes no other with it', async (t) => {
  const workerEntry = dyingWorker(t);
  const service = await startReadyService(t, [fixtureModelsFolder], { workerEntry });
  const ask = (text: string) => service.predict({ model: 'tiny-text', texts: [text] });

  const deadly = ask('good good good').catch((error: unknown) => error);
  const others = await Promise.all([ask('dull mess'), ask('good film'), ask('a b')]);

  const error = await deadly;
  assert.ok(error instanceof SwitchyardError);
  assert.equal(error.code, 'worker_failed');
  assert.ok(others.every(([outcome]) => outcome?.ok));
});

test('a model that fails its warm-up is never ready, says why, and leaves others alone', async (t) => {
  const folder = await temporaryFolder(t);
  const bundle = await copyTinyText(folder);
  const { warmUp } = await readManifest(bundle);
  await changeManifest(bundle, { name: 'other', warmUp: { ...warmUp, label: 'NEGATIVE' } });
  const service = await startService(t, [fixtureModelsFolder, folder]);
  const reason = () => service.readiness().reasons.join();
  await untilService(service, () => /^other: [^:]*warm-up text[^:]*: label[^:]*$/.test(reason()));

  const refused = service.predict({ model: 'other', texts: ['x'] });

  await assert.rejects(refused, { code: 'not_ready', detail: /warm-up/ });
  const [outcome] = await service.predict({ model: 'tiny-text', texts: ['x'] });
  assert.equal(outcome?.ok, true);
});

test('closing ends the workers and refuses what waits', async (t) => {
  const service = await startReadyService(t, [modelsFolder]);
  const waiting = service.predict({ model, texts: [longText, longText, longText] });

  const [closed] = await Promise.allSettled([waiting, service.close()]);

  assert.equal(closed.status, 'rejected');
  assert.equal(closed.reason.code, 'not_ready');
  assert.equal(service.readiness().ready, false);
  await assert.rejects(service.predict({ model, texts: ['late'] }), { code: 'not_ready' });
});

test('a service does not open unless telemetry is off', async (t) => {
  t.after(() => {
    process.env['ORT_DISABLE_TELEMETRY'] = '1';
  });
  process.env['ORT_DISABLE_TELEMETRY'] = '0';
  await assert.rejects(startService(t, [fixtureModelsFolder]), { code: 'invalid_setting' });
});

/** Entry of workers that die of a row of five tokens; they get the variables with their start. */
function dyingWorker(context: TestContext, marker?: string): URL {
  process.env['DYING_WORKER_TOKENS'] = '5';
  if (marker !== undefined) process.env['DYING_WORKER_MARKER'] = marker;
  context.after(() => {
    delete process.env['DYING_WORKER_TOKENS'];
    delete process.env['DYING_WORKER_MARKER'];
  });
  return new URL('../../fixtures/inference/dying-worker-child.ts', import.meta.url);
}

test('warm-ups at once open the model in as many workers, and requests at once then open none', async (t) => {
  const service = await startReadyService(t, [fixtureModelsFolder], { sessionWorkers: 3 });
  let opened = (await service.warmUp()).sessionsOpened;
  assert.equal(opened, 1, 'the control: until they are wanted the other workers have no model');
  const warmAll = () => Promise.all(Array.from({ length: 9 }, () => service.warmUp()));
  while (opened < 3) opened = (await warmAll()).at(-1)?.sessionsOpened ?? 0;

  const request = { model: 'tiny-text', texts: ['a gripping, beautiful film'] };
  await Promise.all(Array.from({ length: 9 }, () => service.predict(request)));

  assert.equal((await service.warmUp()).sessionsOpened, 3);
});

test('a warm-up before the model is loaded is refused', async (t) => {
  const service = await startService(t, [fixtureModelsFolder]);
  await assert.rejects(service.warmUp(), { code: 'not_ready' });
});
