import assert from 'node:assert/strict';
import { appendFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openFileLedger } from '#adapters/local/file-ledger.ts';
import { describeLedger, rowAt } from './ledger.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitUntil } from './wait-until.ts';

const always = { fromMillis: 0, toMillis: Date.parse('2100-01-01') };

describeLedger({
  name: 'the file ledger',
  async open(context) {
    const folder = await temporaryFolder(context);
    return {
      ledger: await openFileLedger({ folder }),
      reopen: () => openFileLedger({ folder }),
    };
  },
});

test('the file ledger leaves out a line torn by a kill, and only that one', async (context) => {
  const folder = await temporaryFolder(context);
  const day = join(folder, '2026-11-24.jsonl');
  const first = rowAt('2026-11-24T10:00:00.000Z', 'first');
  await appendFile(day, `${JSON.stringify(first)}\n${JSON.stringify(first).slice(0, 57)}`);
  const ledger = await openFileLedger({ folder });
  ledger.append(rowAt('2026-11-24T10:00:02.000Z', 'after'));
  await ledger.flush();
  const rows = await Array.fromAsync(ledger.read(always));

  assert.deepEqual(
    rows.map(({ id }) => id),
    ['first', 'after'],
  );
});

test('the file ledger flushes by itself', async (context) => {
  const ledger = await openFileLedger({ folder: await temporaryFolder(context), flushMillis: 5 });
  ledger.append(rowAt('2026-11-24T10:00:00.000Z'));

  await waitUntil(
    'a row on disk',
    async () => (await Array.fromAsync(ledger.read(always))).length === 1,
  );
});

test('the file ledger keeps rows that the disk refused, and says so', async (context) => {
  const folder = await temporaryFolder(context);
  const ledger = await openFileLedger({ folder });
  // A folder where the file should be.
  const day = join(folder, '2026-11-24.jsonl');
  await mkdir(day);
  ledger.append(rowAt('2026-11-24T10:00:00.000Z', 'kept'));
  await assert.rejects(ledger.flush(), /EISDIR/);
  await rm(day, { recursive: true });
  await ledger.flush();
  const rows = await Array.fromAsync(ledger.read(always));

  assert.deepEqual(
    rows.map(({ id }) => id),
    ['kept'],
  );
});
