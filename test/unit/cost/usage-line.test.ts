import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { createUsageLog } from '../../../functions/aws/log-usage.ts';
import { openCostBooks } from '../../../functions/aws/open-job-charges.ts';
import { noPredictions } from '../../../functions/inference/record-predictions.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

const request = {
  requestId: 'one',
  tenant: 'film-club',
  model: 'sst2-minilm',
  askedItems: 2,
  usage: { items: 2, tokens: 11, processingMillis: 9.2 },
  elapsedMillis: 10.1,
  status: 200,
  responseBytes: 400,
};

test('lines of the log become priced rows of requests where GET /costs reads', async () => {
  const lines: string[] = [];
  let initMillis = 249.5;
  const record = createUsageLog({
    environment: { memoryMib: 2_048, architecture: 'arm64' },
    initMillis: () => initMillis,
    region: 'us-east-1',
    clock: systemClock,
    predictions: noPredictions,
    // As the function's log does: with names of its own.
    log: (entry) => void lines.push(JSON.stringify({ timestamp: 'now', level: 'info', ...entry })),
  });
  record(request);
  initMillis = 0;
  record({ ...request, requestId: 'two', usage: undefined, status: 503 });
  const objectStore = createMemoryObjectStore();
  const day = new Date().toISOString().slice(0, 10);
  const content = `${lines.join('')}\n{"usage":1}\n`;
  await objectStore.put(`bucket/ledger/${day}/log.jsonl`, new TextEncoder().encode(content));

  const { ledger } = openCostBooks(objectStore, { AWS_REGION: 'us-east-1' });
  const range = { fromMillis: 0, toMillis: Date.now() + 1_000 };
  const rows = await Array.fromAsync(ledger.read(range));

  assert.deepEqual(
    rows.map(({ id, source, tenant, items, tokens }) => [id, source, tenant, items, tokens]),
    [
      ['one', 'request', 'film-club', 2, 11],
      ['two', 'request', 'film-club', 0, 0],
    ],
  );
  const spent = rows.map((row) => row.lines.filter(({ item }) => item === 'lambda duration-arm64'));
  assert.deepEqual(
    spent.map((each) => each.map(({ kind, quantity }) => [kind, quantity])),
    [
      [
        ['useful', 2 * 0.011],
        ['idle', 2 * 0.25],
      ],
      [['lost', 2 * 0.011]],
    ],
  );
  // The rows that the subscription of the log keeps.
  assert.ok(lines.every((line) => JSON.parse(line).basis === 'estimate'));
});
