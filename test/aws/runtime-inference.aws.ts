import assert from 'node:assert/strict';
import { appendFile, cp, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { PredictResponse } from '#core/contract/predict-answer.ts';
import { warmUpAnswerSchema, warmUpPing } from '#core/warming/warm-up-ping.ts';
import { bundleFunction } from '../../infra/bundling/bundle-function.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { inferenceCode } from '../fixtures/runtime/inference-code.ts';
import {
  type FunctionCode,
  type LambdaEnvironment,
  startLambdaEnvironment,
} from '../fixtures/runtime/lambda-environment.ts';
import type { InvocationEnd } from '../fixtures/runtime/runtime-api.ts';
import { restEvent } from '../unit/functions/aws/rest-events.ts';

// The inference function's package under AWS's own runtime interface client. It streams no answer:
// the largest is 32 results, far below what a plain answer may have.

const model = 'sst2-minilm';
let code: FunctionCode;
before(async () => {
  code = await inferenceCode([model]);
});

async function start(
  t: TestContext,
  change: Partial<FunctionCode> = {},
): Promise<LambdaEnvironment> {
  const environment = await startLambdaEnvironment({ ...code, ...change });
  t.after(() => environment.stop());
  return environment;
}

const predict = (text = 'a gripping, beautiful film') =>
  restEvent({ method: 'POST', resource: '/predict', body: { text } });

function httpAnswer(end: InvocationEnd): { readonly statusCode: number; readonly body: string } {
  assert.equal(end.kind, 'answered', JSON.stringify(end));
  assert.ok(end.kind === 'answered');
  return end.payload as { statusCode: number; body: string };
}

async function sessionsOpened(environment: LambdaEnvironment): Promise<number> {
  const end = await environment.invoke(warmUpPing(0));
  assert.ok(end.kind === 'answered', JSON.stringify(end));
  return warmUpAnswerSchema.parse(end.payload).sessionsOpened;
}

test('the models are opened in INIT, and warm calls open nothing', async (t) => {
  const environment = await start(t);
  t.diagnostic(`INIT took ${Math.round(await environment.initMillis)} ms`);

  for (const text of ['a gripping, beautiful film', 'a dull, lifeless mess']) {
    const { statusCode, body } = httpAnswer(await environment.invoke(predict(text)));
    const answer: PredictResponse = JSON.parse(body);
    assert.equal(statusCode, 200);
    assert.equal('label' in answer && answer.label, /dull/.test(text) ? 'NEGATIVE' : 'POSITIVE');
  }
  assert.equal(await sessionsOpened(environment), 1);
  const ready = await environment.invoke(restEvent({ method: 'GET', resource: '/ready' }));
  assert.deepEqual(JSON.parse(httpAnswer(ready).body), { ready: true, reasons: [] });
});

test('the entry stays within its budget: all of it is compiled in each cold start', async (t) => {
  const { size } = await stat(join(code.folder, 'serve-inference.mjs'));
  t.diagnostic(`serve-inference.mjs has ${size} bytes`);
  assert.ok(size <= 300_000, `${size} bytes`);
});

test('an event that is none of ours fails its invocation and harms no later one', async (t) => {
  const environment = await start(t);

  const failed = await environment.invoke({ Records: [] });

  assert.ok(failed.kind === 'failed');
  assert.match(failed.errorMessage, /REST events and pings/);
  assert.equal(httpAnswer(await environment.invoke(predict())).statusCode, 200);
  assert.equal(await sessionsOpened(environment), 1, 'the same process goes on');
});

test('a function answers for itself shortly before its time limit', async (t) => {
  const environment = await start(t);
  await environment.initMillis;
  const texts = Array.from(
    { length: 32 },
    (_, at) => `${at} ${'a long and winding film '.repeat(50)}`,
  );
  const batch = restEvent({ method: 'POST', resource: '/predict/batch', body: { texts } });
  const startedMillis = performance.now();
  assert.equal(httpAnswer(await environment.invoke(batch)).statusCode, 200);
  const wholeMillis = performance.now() - startedMillis;

  // A quarter of what it takes here, before the half second that is kept free for the answer.
  const deadlineMillis = Math.ceil(wholeMillis / 4) + 500;
  const early = await environment.invoke(batch, { deadlineMillis });

  assert.equal(httpAnswer(early).statusCode, 504);
  assert.equal(JSON.parse(httpAnswer(early).body).code, 'timed_out');
  assert.equal(httpAnswer(await environment.invoke(predict())).statusCode, 200);
});

test('a call that is not over at its time limit ends the environment, and the next one answers', async (t) => {
  const environment = await start(t);
  const ended = await environment.invoke(warmUpPing(3_000), { deadlineMillis: 300 });
  assert.deepEqual(ended, {
    kind: 'failed',
    errorType: 'Sandbox.Timedout',
    errorMessage: 'Task timed out after 0.30 seconds',
  });
  assert.equal(environment.isAlive(), false);

  const next = await start(t);
  assert.equal(httpAnswer(await next.invoke(predict())).statusCode, 200);
});

test('INIT fails where a setting is missing, and a damaged model never answers', async (t) => {
  const halfSet = await start(t, { variables: { SWITCHYARD_MODELS: 'models' } });
  await assert.rejects(halfSet.initMillis, /SWITCHYARD_JOBS_FUNCTION/);

  const folder = join(await temporaryFolder(t), 'package');
  await cp(code.folder, folder, { recursive: true });
  await appendFile(join(folder, 'models', model, 'onnx/model_quantized.onnx'), 'x');
  const damaged = await start(t, { folder });
  const { statusCode, body } = httpAnswer(await damaged.invoke(predict()));
  assert.equal(statusCode, 503, body);
  assert.equal((await damaged.invoke(warmUpPing(0))).kind, 'failed', 'it does not pass as warm');
});

test('no module of the AWS SDK is loaded before the first answer', async (t) => {
  const list = join(await temporaryFolder(t), 'loaded-files');
  const hook = join(import.meta.dirname, '../fixtures/runtime/record-modules.ts');
  const environment = await start(t, {
    variables: {
      ...code.variables,
      NODE_OPTIONS: `--import ${hook}`,
      SWITCHYARD_LOADED_FILES: list,
      // A port where nobody answers: the SDK is wanted here, not its success.
      AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:1',
    },
  });
  const sdkFiles = async () => {
    const urls = (await readFile(list, 'utf8')).trimEnd().split('\n');
    return urls.filter((url) => url.startsWith('file:') && holdsSdk(fileURLToPath(url)));
  };

  assert.equal(httpAnswer(await environment.invoke(predict())).statusCode, 200);
  assert.deepEqual(await sdkFiles(), []);
  const loaded = await readFile(list, 'utf8');
  assert.match(loaded, /serve-inference\.mjs/);
  const files = loaded.split('\n').filter((url) => url.startsWith('file:'));
  t.diagnostic(`${files.length} files loaded before the first answer`);
  assert.ok(files.length <= 40, loaded);
  assert.match(loaded, /onnxruntime_binding\.node|onnxruntime-node\/dist/);

  // The control: a request that becomes a job needs the SDK, and then the list shows it.
  const job = restEvent({
    method: 'POST',
    resource: '/predict',
    body: { text: 'a', lane: 'cpu-fleet' },
  });
  assert.ok(httpAnswer(await environment.invoke(job)).statusCode >= 500);
  assert.ok((await sdkFiles()).length > 0, loaded);
});

/** Whether a file of the package was made from sources of the SDK, by esbuild's own account. */
function holdsSdk(path: string): boolean {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const { folder, metafile } = bundleFunction('inference', { architecture, models: [model] });
  if (!path.startsWith(folder)) return /node_modules\/@(aws-sdk|smithy)\//.test(path);
  const name = path.slice(folder.length + 1);
  const output = Object.entries(metafile.outputs).find(([file]) => file.endsWith(name))?.[1];
  return Object.keys(output?.inputs ?? {}).some((input) => /@(aws-sdk|smithy)\//.test(input));
}

test('a text is in no line of the log, unless "full" asks for it, and then in its own line only', async (t) => {
  const canary = 'zqxcanary7f3a';
  const outputOf = async (mode: string): Promise<readonly string[]> => {
    const variables = { ...code.variables, SWITCHYARD_PREDICTION_LOG: mode };
    const environment = await start(t, { variables });
    const texts = [`a film of ${canary}`, `${canary} `.repeat(900)];
    const batch = restEvent({ method: 'POST', resource: '/predict/batch', body: { texts } });
    assert.equal(httpAnswer(await environment.invoke(predict(`a ${canary}`))).statusCode, 200);
    assert.equal(httpAnswer(await environment.invoke(batch)).statusCode, 200);
    assert.equal(httpAnswer(await environment.invoke(predict(texts[1]))).statusCode, 400);
    await environment.stop();
    return environment.output().trim().split('\n');
  };
  const [digest, full] = [await outputOf('digest'), await outputOf('full')];

  assert.deepEqual(
    digest.filter((line) => line.includes(canary)),
    [],
  );
  const usage = digest.filter((line) => line.includes('"usage":1')).map((line) => JSON.parse(line));
  assert.equal(usage.length, 3);
  assert.equal(usage[0].digest.items[0].chars, canary.length + 2);
  t.diagnostic(
    `a call leaves ${Math.round(digest.join('\n').length / 3)} bytes of the function's own`,
  );
  const texts = full.filter((line) => line.includes(canary));
  // The filter of the subscription that delivers texts.
  assert.ok(texts.every((line) => JSON.parse(line).prediction === 1));
  assert.equal(texts.length, 2);
});
