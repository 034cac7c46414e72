import assert from 'node:assert/strict';
import test from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
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
