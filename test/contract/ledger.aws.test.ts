import assert from 'node:assert/strict';
import test from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { createMemoryObjectStore } from '../fixtures/memory-object-store.ts';
import { describeLedger, rowAt } from './ledger.contract.ts';

describeLedger({
  name: 'the object ledger',
  async open() {
    const objectStore = createMemoryObjectStore();
    return {
      ledger: createObjectLedger({ objectStore }),
      reopen: async () => createObjectLedger({ objectStore }),
    };
  },
});

const always = { fromMillis: 0, toMillis: Date.parse('2100-01-01') };

test('two writers of the object ledger do not overwrite each other', async () => {
  const objectStore = createMemoryObjectStore();
  const writers = ['a', 'b'].map((name) => ({ name, ledger: createObjectLedger({ objectStore }) }));
  for (const { name, ledger } of writers) ledger.append(rowAt('2026-11-24T10:00:00.000Z', name));
  await Promise.all(writers.map(({ ledger }) => ledger.flush()));
  const rows = await Array.fromAsync(createObjectLedger({ objectStore }).read(always));

  assert.deepEqual(rows.map(({ id }) => id).sort(), ['a', 'b']);
});

test('the object ledger keeps rows that the store refused', async () => {
  const objectStore = createMemoryObjectStore();
  let refuses = true;
  const put: typeof objectStore.put = async (key, body) => {
    if (refuses) throw new Error('no route to host');
    await objectStore.put(key, body);
  };
  const ledger = createObjectLedger({ objectStore: { ...objectStore, put } });
  ledger.append(rowAt('2026-11-24T10:00:00.000Z', 'kept'));
  await assert.rejects(ledger.flush(), /no route/);
  refuses = false;
  await ledger.flush();

  assert.equal((await Array.fromAsync(ledger.read(always))).length, 1);
});

const putRows = async (
  objectStore: ReturnType<typeof createMemoryObjectStore>,
  key: string,
  rows: readonly LedgerRow[],
) => {
  const text = rows.map((row) => JSON.stringify(row)).join('');
  await objectStore.put(`bucket/ledger/${key}`, new TextEncoder().encode(text));
};
const idsOn = async (
  objectStore: ReturnType<typeof createMemoryObjectStore>,
  from: string,
  to: string,
) => {
  const range = { fromMillis: Date.parse(from), toMillis: Date.parse(to) };
  const rows = await Array.fromAsync(createObjectLedger({ objectStore }).read(range));
  return rows.map(({ id }) => id);
};

test('a row is found in the folder of the day before and in that of the day after', async () => {
  const objectStore = createMemoryObjectStore();
  // A delivery has the day of its first line, and may come hours late.
  await putRows(objectStore, '2026-11-23/delivery', [
    rowAt('2026-11-23T23:55:00.000Z', 'before'),
    rowAt('2026-11-24T00:04:00.000Z', 'over midnight'),
  ]);
  await putRows(objectStore, '2026-11-25/delivery', [rowAt('2026-11-24T23:58:00.000Z', 'late')]);

  assert.deepEqual(await idsOn(objectStore, '2026-11-24', '2026-11-24T23:59:00Z'), [
    'over midnight',
    'late',
  ]);
  assert.deepEqual(await idsOn(objectStore, '2026-11-23', '2026-11-24'), ['before']);
});

test('rows that were delivered twice count once, and rows that only look alike count each', async () => {
  const objectStore = createMemoryObjectStore();
  const once = rowAt('2026-11-24T10:00:00.000Z', 'one');
  // A caller may give every call the same id.
  const again = rowAt('2026-11-24T10:00:00.001Z', 'one');
  const strange = rowAt('2026-11-24T11:00:00.000Z', 'a}{"b');
  await putRows(objectStore, '2026-11-24/a', [once, once, strange]);
  await putRows(objectStore, '2026-11-24/b', [once, again, strange]);
  await putRows(objectStore, '2026-11-25/c', [again, once]);

  const ids = await idsOn(objectStore, '2026-11-24', '2026-11-26');
  assert.deepEqual(ids, ['one', 'a}{"b', 'one']);
});
