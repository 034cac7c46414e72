import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { openFilePredictionLog } from '#adapters/local/file-prediction-log.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { describePredictionLog } from './prediction-log.contract.ts';
import { temporaryFolder } from './temporary-folder.ts';

const DAY_MILLIS = 86_400_000;
const options = { clock: systemClock, retentionMillis: 7 * DAY_MILLIS };

describePredictionLog({
  name: 'the prediction log in files',
  async open(context) {
    const folder = await temporaryFolder(context);
    return {
      log: await openFilePredictionLog({ ...options, folder }),
      async stored() {
        const names = await readdir(folder);
        const texts = await Promise.all(
          names.sort().map((name) => readFile(join(folder, name), 'utf8')),
        );
        return texts.join('').split('\n').slice(0, -1);
      },
    };
  },
});

test('texts are removed when their time is over, and nothing else of the folder is', async (context) => {
  const folder = await temporaryFolder(context);
  const dayBefore = (days: number) =>
    `${new Date(Date.now() - days * DAY_MILLIS).toISOString().slice(0, 10)}.jsonl`;
  for (const name of [dayBefore(9), dayBefore(6), 'notes.txt']) {
    await writeFile(join(folder, name), 'x');
  }
  await (await openFilePredictionLog({ ...options, folder })).close();

  assert.deepEqual((await readdir(folder)).sort(), [dayBefore(6), 'notes.txt'].sort());
});
