import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { parseUsageLine, unpricedRow } from '#core/cost/usage-line.ts';
import { driftReportSchema, lastWholeDay } from '#core/drift/drift-report.ts';
import { LEAST_ITEMS } from '#core/drift/judge-drift.ts';
import { createDriftWatch } from '../../../functions/service/watch-drift.ts';
import { seededRandom } from '../../fixtures/harness/random.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';

// The handler of the function on lines as the log delivers them.

function usageLine(day: string, at: number, label: string, status = 200): string {
  const item = { chars: 40 + (at % 30), tokens: 9, label, score: 0.99 };
  return JSON.stringify({
    ...{ timestamp: day, level: 'info', usage: 1, basis: 'estimate', id: `${day}-${at}` },
    ...{ at: `${day}T12:00:00.000Z`, tenant: 'acme', model: 'sst2-minilm', region: 'us-east-1' },
    ...{ architecture: 'x86_64', memoryMib: 1_769, billedMillis: 9, initMillis: 0 },
    ...{ responseBytes: 300, answered: true, items: 1, tokens: 9 },
    digest: { status, variant: 'cpu-int8', refused: 0, items: status < 500 ? [item] : [] },
  });
}

async function deployment() {
  const objectStore = createMemoryObjectStore();
  const measured: [string, number][] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  const handler = createDriftWatch({
    objectStore,
    ledger: createObjectLedger({ objectStore, priceUsage: unpricedRow }),
    metrics: {
      count: () => assert.fail('a day has a level, not a count'),
      observe: (name, value) => void measured.push([name, value]),
      flush: async () => undefined,
    },
    clock: systemClock,
    log: (entry) => void logged.push(entry),
  });
  return {
    ...{ handler, measured, logged, objectStore },
    async say(day: string, positiveShare: number, count = 2 * LEAST_ITEMS) {
      const random = seededRandom(Date.parse(day));
      const lines = Array.from({ length: count }, (_, at) =>
        usageLine(day, at, random.fraction() < positiveShare ? 'POSITIVE' : 'NEGATIVE'),
      );
      // As Firehose writes them: without newlines.
      const bytes = new TextEncoder().encode(lines.join(''));
      await objectStore.put(`bucket/ledger/${day}/${count}.jsonl`, bytes);
    },
    async report(day: string) {
      const bytes = await objectStore.read(`bucket/reports/drift/${day}.json`);
      return driftReportSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    },
  };
}

test('the first day with enough is the baseline, a like day is stable, another one has drifted', async () => {
  const { handler, say, report, measured, logged } = await deployment();
  await say('2026-11-20', 0.5, 100);
  await say('2026-11-21', 0.5);
  await say('2026-11-22', 0.5);
  await say('2026-11-23', 0.85);
  const verdicts: string[] = [];
  for (const day of ['2026-11-20', '2026-11-21', '2026-11-22', '2026-11-23']) {
    verdicts.push((await handler({ day })).verdict);
  }

  assert.deepEqual(verdicts, ['too few', 'stable', 'stable', 'drifted']);
  assert.deepEqual(
    measured,
    [0, 0, 1].map((value) => ['drifted_models', value]),
  );
  const { models } = await report('2026-11-23');
  assert.equal(models[0]?.window.items, 2 * LEAST_ITEMS);
  assert.match(models[0]?.reason ?? '', /^labels PSI \d\.\d\d, p < 0\.001$/);
  assert.equal(models[0]?.baseline?.from, '2026-11-21T00:00:00.000Z');
  assert.equal((await report('2026-11-21')).models[0]?.reason, 'this window is the baseline');
  assert.equal(logged.at(-1)?.['level'], 'warn');
});

test('a day looked at again gives the same report, and an empty one costs no metric', async () => {
  const { handler, say, report, measured, objectStore } = await deployment();
  await say('2026-11-22', 0.5);
  await handler({ day: '2026-11-22' });
  const first = await report('2026-11-22');
  await handler({ day: '2026-11-22' });
  assert.deepEqual(await report('2026-11-22'), first);

  const before = measured.length;
  assert.equal((await handler({ source: 'aws.events' })).verdict, 'too few');
  assert.equal(measured.length, before);

  await objectStore.put(
    'bucket/reports/drift/baselines/sst2-minilm/cpu-int8.json',
    new TextEncoder().encode('{}'),
  );
  await assert.rejects(handler({ day: '2026-11-22' }), { code: 'corrupt_object' });
});

test('the day that is looked at is over and delivered', () => {
  const at = (time: string) => new Date(lastWholeDay(Date.parse(time)).toMillis).toISOString();

  assert.equal(at('2026-11-24T00:59:59Z'), '2026-11-23T00:00:00.000Z');
  assert.equal(at('2026-11-24T01:00:00Z'), '2026-11-24T00:00:00.000Z');
  assert.ok(parseUsageLine(usageLine('2026-11-24', 1, 'x')) !== undefined);
});
