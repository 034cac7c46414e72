import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attemptRows, type ChargedJob } from '#core/cost/attempt-rows.ts';
import { laneRatesOf } from '#core/cost/lane-rates.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { totalUsd } from '#core/cost/ledger-total.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { describeOutput } from '#work/describe/describe-output.ts';
import { chargeJob } from '#work/finish/charge-job.ts';
import { readJobEnvironment } from '../../../gpu-batch/job-environment.ts';
import { createMemoryLedger } from '../../fixtures/cost/memory-ledger.ts';
import { splitUsd } from '../../fixtures/cost/split-usd.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { recordOf, rowsOf, settle, submitRows } from '../../fixtures/life/settle.ts';

const catalogue = openShippedPrices({ today: '2026-11-24' });
const lookup = laneRatesOf(catalogue, { region: 'us-east-1', architecture: 'x86_64' });
assert.ok(lookup.kind === 'found');
const { rates } = lookup;

test('a finished job leaves one row per attempt, and repeating it changes nothing', async () => {
  const { ledger, rows } = createMemoryLedger();
  const deployment = startMemoryDeployment();
  const { id } = await submitRows(deployment, [...rowsOf(60), { text: 7 }]);
  await settle(deployment, id);
  const job = await recordOf(deployment, id);
  const { objectStore } = deployment.ports;
  const ended = { job, endedAtMillis: Date.parse('2026-11-24T10:00:00Z') };
  await chargeJob({ objectStore, charges: { rates: () => rates, ledger } }, ended);
  const once = rows.splice(0);
  await chargeJob({ objectStore, charges: { rates: () => rates, ledger } }, ended);

  assert.equal(once.length, job.workers);
  assert.equal(
    once.reduce((sum, { items }) => sum + items, 0),
    60,
  );
  assert.ok(once.every((row) => row.job === id && row.lane === job.lane));
  assert.ok(totalUsd(once).gt(0));
  const inOrder = (all: readonly LedgerRow[]) => all.toSorted((a, b) => a.id.localeCompare(b.id));
  assert.deepEqual(inOrder(rows), inOrder(once));
});

const footer = (attemptId: string, inferenceMillis: number) => ({
  attemptId,
  inferenceMillis,
  tokens: 10,
  results: { sizeBytes: 1, rows: 5, sha256: '' },
});
const killedOnce: ChargedJob = {
  id: 'job_1',
  tenant: 'local',
  model: 'sst2-minilm',
  lane: 'gpu-spot',
  endedAtMillis: Date.parse('2026-11-24T11:00:00Z'),
  attempts: [
    {
      ...{ attemptId: 's/0/1', submission: 's', arrayIndex: 0, attempt: 1 },
      startedAt: '2026-11-24T10:00:00Z',
      end: undefined,
    },
    {
      ...{ attemptId: 's/0/2', submission: 's', arrayIndex: 0, attempt: 2 },
      startedAt: '2026-11-24T10:30:00Z',
      end: { endedAt: '2026-11-24T11:00:00Z', modelMillis: 1_500_000 },
    },
  ],
  footers: [footer('s/0/1', 600_000), footer('s/0/1', 600_000), footer('s/0/2', 1_200_000)],
};

test('a fleet worker is charged by the memory of its function, not by the usual one', () => {
  const gbSecondsOf = (memoryMib?: number) => {
    const attempts = killedOnce.attempts.map((attempt) => ({ ...attempt, memoryMib }));
    const [row] = attemptRows({ ...killedOnce, lane: 'cpu-fleet', attempts }, rates);
    const lines = row?.lines.filter(({ unit }) => unit === 'GB-second') ?? [];
    return lines.reduce((sum, { quantity }) => sum + quantity, 0);
  };

  assert.equal(gbSecondsOf(2 * 1_769), 2 * gbSecondsOf());
  const fleet = readJobEnvironment({
    ...{ SWITCHYARD_DATA: '/data', SWITCHYARD_MODELS: '/models', SWITCHYARD_JOB: 'job_1' },
    ...{ SWITCHYARD_PROVIDER: 'cpu', AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '3538' },
  });
  assert.ok(!('problem' in fleet));
  assert.equal(fleet.memoryMib, 3_538);
});

test('a killed attempt paid for its cells, for at most one lost cell, and for the rest as idle', () => {
  const [killed, successor] = attemptRows(killedOnce, rates);
  const hourUsd = 0.2131 + 0.005 + (30 * 0.08) / 730;
  const share = (row: LedgerRow | undefined, kind: string) =>
    splitUsd(row === undefined ? [] : [row], (_, line) =>
      line.item.startsWith('s3') ? 's3' : line.kind,
    )
      .get(kind)
      ?.toNumber() ?? 0;
  const near = (actual: number, hours: number) =>
    assert.ok(Math.abs(actual - hours * hourUsd) < 1e-9, `${actual} is not ${hours} h`);

  // 30 min of life: 20 min useful; the longest cell (20 min) bounds the loss, the time left 10 min.
  near(share(killed, 'useful'), 1 / 3);
  near(share(killed, 'lost'), 1 / 6);
  near(share(killed, 'idle'), 0);
  // 30 min of life, 25 in the model, 20 of them committed.
  near(share(successor, 'useful'), 1 / 3);
  near(share(successor, 'lost'), 1 / 12);
  near(share(successor, 'idle'), 1 / 12);
});

test('the manifest has the price that the ledger gets, where there are prices', async () => {
  const deployment = startMemoryDeployment();
  const { id } = await submitRows(deployment, rowsOf(40));
  await settle(deployment, id);
  const job = await recordOf(deployment, id);
  const { objectStore, clock } = deployment.ports;
  const priced = await describeOutput({ objectStore, clock, rates: async () => rates }, job, []);
  const unpriced = await describeOutput({ objectStore, clock }, job, []);

  assert.ok(Number(priced.cost.usd) > 0);
  assert.match(priced.cost.basis, /^estimate: .* us-east-1/);
  assert.deepEqual(unpriced.cost.usd, null);
});

test('an instance is priced as what it is; its boot and its waits are idle time of the try after them', () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 10, minute)).toISOString();
  const host = { instanceId: 'i-1', instanceType: 'g5.xlarge', launchedAt: at(0) };
  const tryOf = (index: number, from: number, to: number, on: typeof host | undefined) => ({
    ...{ attemptId: `s/${index}/1`, submission: 's', arrayIndex: index, attempt: 1 },
    ...{ startedAt: at(from), ...(on === undefined ? {} : { host: on }) },
    end: { endedAt: at(to), modelMillis: 0 },
  });
  const later = { ...host, instanceId: 'i-2', launchedAt: at(-600) };
  const attempts = [
    // In no order: 5 min of boot, 10 at work, 2 of waiting, 3 at work.
    tryOf(1, 17, 20, host),
    tryOf(0, 5, 15, host),
    // It has been up for ten hours: that was somebody else's.
    tryOf(2, 5, 15, later),
    tryOf(3, 5, 15, undefined),
  ];
  const hoursOf = (row: LedgerRow | undefined) =>
    row?.lines
      .filter(({ item }) => item.startsWith('ec2'))
      .map(({ item, quantity }) => [item, quantity]);

  const [second, first, reused, unknown] = attemptRows(
    { ...killedOnce, attempts, footers: [] },
    rates,
  );

  assert.deepEqual(hoursOf(first), [['ec2-spot g5.xlarge', 15 / 60]]);
  assert.deepEqual(hoursOf(second), [['ec2-spot g5.xlarge', 5 / 60]]);
  assert.deepEqual(hoursOf(reused), [['ec2-spot g5.xlarge', 10 / 60]]);
  assert.deepEqual(hoursOf(unknown), [['ec2-spot g4dn.xlarge', 10 / 60]]);
});
