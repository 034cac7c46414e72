import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { ledgerRow } from '#core/cost/ledger-row.ts';
import { runCli } from '../../../cli/run-cli.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

async function run(...args: readonly string[]) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const exitCode = await runCli(args, { stdin, stdout, stderr, variables: {} });
  stdout.end();
  stderr.end();
  return { exitCode, out: await text(stdout), said: await text(stderr) };
}

/** A thousand answers of a day, of which so many percent have the first label. */
function answersOf(day: string, percent: number): string {
  const rows = Array.from({ length: 1_000 }, (_, at) => {
    const label = at % 100 < percent ? 'POSITIVE' : 'NEGATIVE';
    return ledgerRow({
      ...{ id: `${day}-${at}`, at: `${day}T12:00:00.000Z`, source: 'request', tenant: 'local' },
      ...{ model: 'sst2-minilm', lane: 'cpu', job: null, region: 'us-east-1', basis: 'estimate' },
      ...{ items: 1, tokens: 9, lines: [] },
      digest: {
        ...{ status: 200, variant: 'cpu-int8', refused: 0 },
        items: [{ chars: 40, tokens: 9, label, score: 0.99 }],
      },
    });
  });
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

test('drift is told by its exit code, until the new days are pinned', async (t) => {
  const data = await temporaryFolder(t);
  await mkdir(join(data, 'ledger'));
  for (const [day, percent] of [['2026-11-21', 50] as const, ['2026-11-22', 90] as const]) {
    await writeFile(join(data, 'ledger', `${day}.jsonl`), answersOf(day, percent));
  }
  const on = (day: string) => ['--data', data, '--from', day, '--to', day];

  assert.equal((await run('drift', ...on('2026-11-21'))).exitCode, 0);
  const drifted = await run('drift', ...on('2026-11-22'));
  assert.equal(drifted.exitCode, 5, drifted.said);
  assert.match(drifted.out, /sst2-minilm cpu-int8: drifted; labels PSI/);

  const pinned = await run('drift', 'baseline', ...on('2026-11-22'));
  assert.equal(pinned.exitCode, 0, pinned.said);
  assert.match(pinned.out, /1000 texts are the baseline/);
  assert.equal((await run('drift', ...on('2026-11-22'))).exitCode, 0);
  assert.equal((await run('drift', ...on('2026-11-21'))).exitCode, 5, 'the days before differ now');
});

test('a time without answers cannot be pinned, and says what it takes', async (t) => {
  const data = await temporaryFolder(t);
  const refused = await run('drift', 'baseline', '--data', data);

  assert.equal(refused.exitCode, 1, refused.said);
  assert.match(refused.said, /no model had 500 texts in this time, the most was 0/);
});
