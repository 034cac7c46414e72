import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { summarizeLedger } from '#core/cost/report/ledger-summary.ts';
import type { EscalationUse } from '#core/escalation/escalation-use.ts';
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

const price = {
  ...{ inputUsdPerMillion: '3', outputUsdPerMillion: '15' },
  ...{ source: 'an invented list', asOf: '2026-01-01' },
};
const endpointUse = {
  by: { kind: 'endpoint', model: 'large', host: 'llm.example' },
  ...{ threshold: 0.8, escalated: 1, failed: 1, skipped: 0, reasons: ['invalid_answer'] },
  ...{ useful: { input: 100, output: 8 }, lost: { input: 90, output: 4 }, uncounted: 0 },
  ...{ millis: 40, price },
} as const satisfies EscalationUse;
const { price: _, ...unpricedUse } = endpointUse;
const modelUse: EscalationUse = {
  ...unpricedUse,
  by: { kind: 'model', model: 'larger', model_version: '1' },
};

async function rowsOf(use: EscalationUse) {
  const lines: string[] = [];
  const record = createUsageLog({
    environment: { memoryMib: 1_024, architecture: 'x86_64' },
    initMillis: () => 0,
    region: 'us-east-1',
    clock: systemClock,
    predictions: noPredictions,
    log: (entry) => void lines.push(JSON.stringify({ timestamp: 'now', level: 'info', ...entry })),
  });
  record({ ...request, elapsedMillis: 100, usage: { ...request.usage, escalation: use } });
  const objectStore = createMemoryObjectStore();
  const day = new Date().toISOString().slice(0, 10);
  await objectStore.put(`bucket/ledger/${day}/log.jsonl`, new TextEncoder().encode(lines.join('')));
  const { ledger } = openCostBooks(objectStore, { AWS_REGION: 'us-east-1' });
  const range = { fromMillis: 0, toMillis: Date.now() + 1_000 };
  const [own, second] = await Array.fromAsync(ledger.read(range));
  assert.ok(own !== undefined && second !== undefined);
  assert.deepEqual(
    [second.id, second.source, second.tenant],
    ['one/escalation', 'escalation', 'film-club'],
  );
  const gbSeconds = own.lines.find(({ item }) => item.startsWith('lambda duration'))?.quantity;
  return { second, ownMillis: (gbSeconds ?? 0) * 1_000 };
}

test('tokens of an endpoint are priced exactly, useful and lost; the wait is its request’s', async () => {
  const { second, ownMillis } = await rowsOf(endpointUse);

  assert.equal(ownMillis, 100);
  assert.equal(second.usd, String((190 * 3 + 12 * 15) / 1e6));
  assert.deepEqual(
    second.lines.map(({ item, kind, quantity }) => [item, kind, quantity]),
    [
      ['endpoint large input-tokens', 'useful', 100],
      ['endpoint large output-tokens', 'useful', 8],
      ['endpoint large input-tokens', 'lost', 90],
      ['endpoint large output-tokens', 'lost', 4],
    ],
  );
});

test('the time of a second model is in its own row and no other', async () => {
  const { second, ownMillis } = await rowsOf(modelUse);

  assert.equal(ownMillis, 60);
  const [line, ...others] = second.lines;
  assert.equal(others.length, 0);
  assert.equal(line?.kind, 'useful');
  assert.equal((line?.quantity ?? 0) * 1_000, 40);
});

test('an endpoint without a price leaves rows that say so, and a sum that is too low', async () => {
  const { second } = await rowsOf(unpricedUse);

  assert.equal(second.usd, '0');
  assert.ok(second.lines.every(({ unpriced }) => unpriced === true));
  const range = { fromMillis: 0, toMillis: 1 };
  const summary = await summarizeLedger([second], range);
  assert.deepEqual(summary.unpriced, [
    'endpoint large input-tokens',
    'endpoint large output-tokens',
  ]);
  assert.equal(summary.escalations, 1);
});
