import assert from 'node:assert/strict';
import { type LedgerRow, ledgerRow } from '#core/cost/ledger-row.ts';
import type { Ledger } from '#core/ports/ledger.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

/** A ledger that can be opened again over what it stored. */
export interface LedgerUnderTest {
  readonly ledger: Ledger;
  /** As a new process would find it. */
  reopen(): Promise<Ledger>;
}

/** What every ledger must do; the promises are in shared/core/ports/ledger.ts. */
export function describeLedger(subject: ContractSubject<LedgerUnderTest>): void {
  describeContract(subject, cases);
}

const always = { fromMillis: 0, toMillis: Date.parse('2100-01-01') };

/** A row of one request that ended at this time. */
export function rowAt(at: string, id = at): LedgerRow {
  return ledgerRow({
    id,
    at,
    source: 'request',
    tenant: 'local',
    model: 'sst2-minilm',
    lane: 'cpu',
    job: null,
    region: 'us-east-1',
    items: 1,
    tokens: 9,
    basis: 'estimate',
    lines: [
      { item: 'lambda requests', kind: 'useful', quantity: 1, unit: 'request', usd: '0.0000002' },
    ],
  });
}

async function idsOf(rows: AsyncIterable<LedgerRow>): Promise<string[]> {
  return (await Array.fromAsync(rows)).map(({ id }) => id);
}

const cases: Record<string, ContractCase<LedgerUnderTest>> = {
  async 'gives back what was flushed, whole and in order'({ ledger, reopen }) {
    const rows = Array.from({ length: 200 }, (_, at) =>
      rowAt('2026-11-24T10:00:00.000Z', `r${at}`),
    );
    for (const row of rows) ledger.append(row);
    await ledger.flush();

    assert.deepEqual(await Array.fromAsync(ledger.read(always)), rows);
    assert.deepEqual(await Array.fromAsync((await reopen()).read(always)), rows);
  },

  async 'reads half-open ranges over the edges of days'({ ledger }) {
    const times = [
      '2026-11-23T23:59:59.999Z',
      '2026-11-24T00:00:00.000Z',
      '2026-11-25T08:00:00.000Z',
    ];
    for (const at of times) ledger.append(rowAt(at));
    await ledger.flush();
    const within = (from: string, to: string) =>
      idsOf(ledger.read({ fromMillis: Date.parse(from), toMillis: Date.parse(to) }));

    assert.deepEqual(await within('2026-11-24T00:00:00.000Z', '2026-11-25T08:00:00.000Z'), [
      times[1],
    ]);
    assert.deepEqual(await within('2026-11-23', '2026-11-26'), times);
    assert.deepEqual(await within('2026-11-26', '2026-11-27'), []);
  },

  async 'keeps rows of flushes that overlap, each once'({ ledger }) {
    ledger.append(rowAt('2026-11-24T10:00:00.000Z', 'first'));
    const flushing = ledger.flush();
    ledger.append(rowAt('2026-11-24T10:00:01.000Z', 'second'));
    await Promise.all([flushing, ledger.flush(), ledger.flush()]);

    assert.deepEqual(await idsOf(ledger.read(always)), ['first', 'second']);
  },

  async 'has nothing to say when nothing came'({ ledger }) {
    await ledger.flush();

    assert.deepEqual(await idsOf(ledger.read(always)), []);
  },

  async 'flushes when it is closed'({ ledger, reopen }) {
    ledger.append(rowAt('2026-11-24T10:00:00.000Z', 'last'));
    await ledger.close();

    assert.deepEqual(await idsOf((await reopen()).read(always)), ['last']);
  },
};
