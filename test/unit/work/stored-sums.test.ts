import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createObjectLedger,
  LEDGER_PREFIX,
  readLedgerObject,
} from '#adapters/aws/object-ledger.ts';
import { budgetMonthAt } from '#core/cost/budget-month.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { createJob } from '#work/accept/create-job.ts';
import { createRemoteBudgets } from '#work/budgets/remote-budgets.ts';
import { createStoredSums } from '#work/budgets/stored-sums.ts';
import { rowOf } from '../../fixtures/cost/row-of.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import { settle } from '../../fixtures/life/settle.ts';
import { createMemoryObjectStore } from '../../fixtures/memory-object-store.ts';
import { statusOf } from '../../fixtures/routing/budget-statuses.ts';

const month = budgetMonthAt(Date.parse('2026-11-24T12:00:00Z'));

function handClock(at: string) {
  let now = Date.parse(at);
  return {
    epochMillis: () => now,
    monotonicMillis: () => now,
    sleep: async () => {},
    advance: (seconds: number) => {
      now += seconds * 1_000;
    },
  };
}

async function write(objectStore: ObjectStore, ...rows: readonly LedgerRow[]): Promise<void> {
  const ledger = createObjectLedger({ objectStore });
  for (const row of rows) ledger.append(row);
  await ledger.flush();
}

function openSums(objectStore: ObjectStore, clock: ReturnType<typeof handClock>) {
  const read: string[] = [];
  const sums = createStoredSums({
    objectStore,
    clock,
    ledgerPrefix: LEDGER_PREFIX,
    readRows: async (key) => {
      read.push(key);
      return await readLedgerObject({ objectStore }, key);
    },
  });
  return {
    sums,
    read,
    spentBy: async (tenant: string) => {
      const { spent } = await sums.sumsOf(month);
      return spent.get(tenant)?.toFixed() ?? '0';
    },
  };
}

test('sums are a minute old at most, exact, and no object is read twice, by whichever process', async () => {
  const objectStore = createMemoryObjectStore();
  const clock = handClock('2026-11-24T12:00:00Z');
  const attempt = { id: 'j/1', source: 'attempt', at: '2026-11-20T00:00:00.000Z' } as const;
  await write(
    objectStore,
    rowOf('0.1'),
    rowOf('0.2', { id: 's' }),
    rowOf('0.7', { id: 't', tenant: 'b' }),
  );
  await write(objectStore, rowOf('5', attempt), rowOf('9', { at: '2026-10-31T23:59:59.000Z' }));
  // The log's object of the last October evening, with a row of November in it, delivered twice.
  const early = JSON.stringify(rowOf('0.01', { id: 'e', at: '2026-11-01T00:00:01.000Z' }));
  for (const copy of ['1', '2']) {
    const key = `${LEDGER_PREFIX}2026-10-31/evening-${copy}.jsonl`;
    await objectStore.put(key, new TextEncoder().encode(early));
  }
  const first = openSums(objectStore, clock);

  assert.equal(await first.spentBy('a'), '5.31');
  assert.equal(await first.spentBy('b'), '0.7');
  const objects = first.read.length;
  await write(objectStore, rowOf('5', attempt), rowOf('1', { id: 'u' }));
  assert.equal(await first.spentBy('a'), '5.31', 'not a minute yet');
  clock.advance(61);
  const other = openSums(objectStore, clock);

  assert.equal(await other.spentBy('a'), '6.31', 'an attempt once, and the new request');
  assert.equal(await first.spentBy('a'), '6.31');
  assert.equal(objects, 5);
  // The day that is over was read anew, whole: it had changed.
  assert.deepEqual([first.read.length, other.read.length], [5, 3]);
});

test('a job counts from its acceptance on, and until its rows are in the sums', async () => {
  const deployment = startMemoryDeployment();
  const { objectStore } = deployment.ports;
  const clock = handClock('2026-11-24T12:00:00Z');
  const route = {
    lane: 'cpu-fleet',
    stateId: 's',
    reason: 'cheapest',
    workers: 1,
    items: 1,
  } as const;
  const quote = { usd: 0.25, finishSeconds: 1, onTime: true };
  const ports = {
    ...deployment.ports,
    routeJob: async () => ({ ...route, tokens: 1, quote }),
  };
  const { sums } = openSums(objectStore, clock);
  const promised = async () => (await sums.sumsOf(month)).promised.get('local')?.toFixed();

  assert.equal(await promised(), undefined);
  const body = { model: 'tiny-text', items: [{ text: 'a' }], options: {} };
  const { job } = await createJob(ports, { tenant: 'local', requestId: 'r', body });
  assert.equal(await promised(), '0.25', 'at once, though the sums are not a minute old');
  clock.advance(61);
  await promised();
  await settle({ ...deployment, ports }, job.id);
  assert.equal(await promised(), '0.25', 'its rows were not read yet');
  clock.advance(61);
  assert.equal(await promised(), undefined);
});

test('a month that is too long for one call is read over several, and then is complete', async () => {
  const objectStore = createMemoryObjectStore();
  const clock = handClock('2026-11-24T12:00:00Z');
  for (const id of ['1', '2', '3', '4', '5']) await write(objectStore, rowOf('1', { id }));
  const sums = createStoredSums({
    objectStore,
    clock,
    ledgerPrefix: LEDGER_PREFIX,
    readRows: async (key) => {
      clock.advance(3);
      return await readLedgerObject({ objectStore }, key);
    },
  });

  const seen: string[] = [];
  for (let call = 0; call < 3; call += 1) {
    seen.push((await sums.sumsOf(month)).spent.get('a')?.toFixed() ?? '0');
  }

  assert.deepEqual(seen, ['2', '4', '5']);
});

test('a status is asked for once a minute, believed while nobody answers, and not beyond its month', async () => {
  const clock = handClock('2026-11-30T23:50:00Z');
  const calls: unknown[] = [];
  const errors: unknown[] = [];
  let answers = true;
  const budgets = createRemoteBudgets({
    invoker: {
      call: async (_name, payload) => {
        calls.push(payload);
        if (!answers) throw new Error('throttled');
        return JSON.parse(JSON.stringify({ status: statusOf('refuse') }));
      },
    },
    functionName: 'jobs',
    hasBudget: (tenant) => tenant !== 'free',
    clock,
    onError: (error) => errors.push(error),
  });

  assert.equal(await budgets.statusOf('free'), undefined);
  assert.deepEqual(await budgets.statusOf('a'), statusOf('refuse'));
  clock.advance(59);
  await budgets.statusOf('a');
  assert.deepEqual(calls, [{ kind: 'budget-status', tenant: 'a' }]);
  answers = false;
  clock.advance(2);
  assert.deepEqual(await budgets.statusOf('a'), statusOf('refuse'), 'the last answer');
  assert.equal(await budgets.statusOf('b'), undefined, 'no answer yet: no limit');
  clock.advance(600);
  assert.equal(await budgets.statusOf('a'), undefined, 'the month is over');
  assert.equal(errors.length, 3);
});
