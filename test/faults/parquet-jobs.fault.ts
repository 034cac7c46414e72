import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parquetReadObjects } from 'hyparquet';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import {
  completeJob,
  createJob,
  failedJob,
  findJob,
  killWorkersAt,
} from '../fixtures/harness/jobs.ts';
import {
  assertEveryRowOnce,
  digests,
  drop,
  errorLines,
  outboxPath,
  putObject,
  resultLines,
  successOf,
} from '../fixtures/harness/outbox.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { parquetBytes } from '../fixtures/parquet/write-parquet.ts';

const model = 'tiny-text';
const rowCount = 20_000;
const reviews = generatedReviews(rowCount, 41);
/** Every 997th row has no text. */
const isBad = (index: number) => index % 997 === 5;
const content = Buffer.from(
  parquetBytes(
    {
      id: reviews.map((_, index) => `r${index}`),
      truth: reviews.map(({ label }) => label),
      text: reviews.map(({ text }, index) => (isBad(index) ? null : text)),
    },
    { rowGroupSize: 3_000, pageSize: 8_192 },
  ),
);
const badRows = reviews.filter((_, index) => isBad(index)).length;
let server: Switchyard;

before(async () => {
  server = await startSwitchyard({ workers: 3 });
});

after(async () => {
  await server?.dispose();
});

async function dropParquet(file: string, options: object, shares: readonly number[] = []) {
  const target = { model, file };
  await drop(server, { model, file: `${file}.options.json` }, JSON.stringify(options));
  await drop(server, target, content);
  if (shares.length > 0) {
    const { id } = await findJob(server, `/${file}`);
    await killWorkersAt(server, id, shares);
  }
  const outcome = await successOf(server, target);
  const name = 'results.parquet';
  const parquet = await readFile(join(outboxPath(server, model, file), name));
  return { outcome, parquet };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

test('a Parquet file in the inbox becomes results.parquet, whatever was killed', async () => {
  const options = { output: 'parquet', join: ['truth'], workers: 1 };
  const calm = await dropParquet('calm.parquet', options);
  const shares = [0.15, 0.5];
  const killed = await dropParquet('killed.parquet', { ...options, workers: 3 }, shares);

  assertEveryRowOnce(calm.outcome, rowCount);
  assert.equal(errorLines(calm.outcome).length, badRows);
  assert.deepEqual(digests(killed.outcome), digests(calm.outcome));
  assert.equal(sha256(killed.parquet), sha256(calm.parquet));
  console.log(
    `${rowCount} rows, 3 workers killed at ${shares.join(' and ')}: the bytes of 1 worker`,
  );

  const derived = {
    rows: rowCount - badRows,
    size_bytes: calm.parquet.length,
    sha256: sha256(calm.parquet),
  };
  assert.deepEqual(calm.outcome.manifest['derived'], { 'results.parquet': derived });
  const table = await parquetReadObjects({ file: Uint8Array.from(calm.parquet).buffer });
  const lines = resultLines(calm.outcome);
  assert.deepEqual(
    table.map(({ index, id, label, score }) => ({ index: Number(index), id, label, score })),
    lines.map(({ index, id, label, score }) => ({ index, id, label, score })),
  );
  assert.ok(table.every((row) => row['truth'] === reviews[Number(row['index'])]?.label));
});

test('a Parquet file gets the answers of the same rows in JSONL', async () => {
  const jsonl = Buffer.from(
    toJsonl(reviews.map(({ text }, at) => ({ text: isBad(at) ? '' : text }))),
  );
  const asParquet = await createJob(server, {
    model,
    input: await putObject(server, 'uploads/rows.parquet', content),
  });
  const asJsonl = await createJob(server, {
    model,
    input: await putObject(server, 'uploads/rows.jsonl', jsonl),
  });

  const results = await Promise.all(
    [asParquet, asJsonl].map(async ({ id }) => {
      const job = await completeJob(server, id);
      const folder = (job.output ?? '').slice('s3://local/'.length);
      return await readFile(join(server.dataFolder, 'bucket', folder, 'results.jsonl'), 'utf8');
    }),
  );

  assert.equal(results[0], results[1]);
});

test('an error line of a Parquet row says the ordinal of its row', async () => {
  const few = Buffer.from(parquetBytes({ text: ['good', null, 'fine'], id: [7n, 8n, 2n ** 60n] }));
  await drop(server, { model, file: 'few.parquet' }, few);

  const outcome = await successOf(server, { model, file: 'few.parquet' });

  const [error] = errorLines(outcome);
  assert.deepEqual(
    { ...error, error: error?.error.code },
    { index: 1, line: 2, offset: 1, id: 8, error: 'invalid_row' },
  );
  assert.deepEqual(
    resultLines(outcome).map(({ id }) => id),
    [7, '1152921504606846976'],
  );
});

for (const { what, file, bytes, code, detail } of [
  {
    what: 'a truncated file',
    file: 'cut.parquet',
    bytes: content.subarray(0, 90_000),
    code: 'corrupt_object',
    detail: /cut\.parquet is not a readable Parquet file.*upload it again/,
  },
  {
    what: 'two columns of strings without a "text"',
    file: 'unclear.parquet',
    bytes: Buffer.from(parquetBytes({ title: ['a'], body: ['b'] })),
    code: 'invalid_request',
    detail: /"title", "body"/,
  },
]) {
  test(`${what} fails the job with the reason`, async () => {
    const input = await putObject(server, `uploads/${file}`, bytes);
    const { id } = await createJob(server, { model, input });

    const { error } = await failedJob(server, id);

    assert.equal(error?.code, code);
    assert.match(error?.detail ?? '', detail);
  });
}
