import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import type { Switchyard } from '../fixtures/harness/start-switchyard.ts';
import { assertKillsChangeNothing } from '../fixtures/poison/kill-sessions.ts';
import { poisonFile } from '../fixtures/poison/poison-file.ts';
import { assertIsolated, startPoisonServer } from '../fixtures/poison/run-poison-job.ts';

let server: Switchyard;

before(async () => {
  server = await startPoisonServer();
});

after(async () => {
  await server?.dispose();
});

test('6.3 #14 with 1 % of 10,000 rows poison each is recorded once, the others as without', async () => {
  const rowCount = 10_000;
  const isPoison = (index: number) => index % 100 === 37;
  const file = poisonFile({ rowCount, isPoison, kinds: 'all' });

  const { restarts, seconds } = await assertIsolated(
    server,
    { name: 'one-percent', file, rowCount },
    600_000,
  );

  console.log(
    `6.3 #14: ${rowCount} rows, ${file.bad.length} poison, ${file.crashing.length} of them crash: ` +
      `${restarts} restarts, ${seconds.toFixed(1)} s`,
  );
  assert.ok(restarts <= 4 * file.crashing.length);
});

// All 10,000 would take two fresh processes each, by the rule, about an hour on two cores.
test('6.3 #14 a file in which each of 100 rows crashes the runtime has one error each', async () => {
  const rowCount = 100;
  const file = poisonFile({ rowCount, isPoison: () => true, kinds: 'crashes' });

  const { restarts, seconds } = await assertIsolated(
    server,
    { name: 'all-crash', file, rowCount },
    600_000,
  );

  const perRow = seconds / rowCount;
  console.log(
    `6.3 #14: ${rowCount} of ${rowCount} crash: ${restarts} restarts, ${perRow.toFixed(2)} s per row`,
  );
  assert.ok(restarts <= 4 * rowCount);
});

test('200 SIGKILLs of the session child leave no error row and the same bytes', async () => {
  const rowCount = 100_000;
  const content = toJsonl(generatedReviews(rowCount, 200));

  const outcome = await assertKillsChangeNothing({
    content,
    rowCount,
    kills: 200,
    cellBytes: 16_384,
  });

  console.log(`200 kills: ${outcome.restarts} restarts, ${outcome.seconds.toFixed(1)} s`);
  assert.ok(outcome.restarts >= 180, 'the kills hit a child that was at work');
});
