import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { sumUsd } from '#core/cost/usd.ts';
import { temporaryFolder } from '../contract/temporary-folder.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { send } from '../fixtures/harness/http.ts';
import { createJob } from '../fixtures/harness/jobs.ts';
import { digests, putObject } from '../fixtures/harness/outbox.ts';
import {
  eventsOf,
  finishRehearsal,
  undisturbedDigests,
} from '../fixtures/harness/spot-rehearsal.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';

interface Costs {
  readonly usd: string;
  readonly attempts: number;
  readonly by_lane: readonly { readonly name: string; readonly usd: string }[];
}

const rowCount = 5_000;
const base = { workers: 2, cellBytes: 8_192 } as const;

test('an outage of spot in the middle of a job: the rest runs on demand, both are in the ledger', async (t) => {
  const undisturbed = await undisturbedDigests(rowCount, base);
  const trace = join(await temporaryFolder(t), 'trace.csv');
  const header = 'trace_id,gap_seconds,duration_s,nodes_available,nodes_requested';
  await writeFile(trace, `${header}\noutage,1,6,2,2\noutage,1,36000,0,2\n`);
  const server = await startSwitchyard({
    ...base,
    command: [process.execPath, 'functions/local/main.ts', '--chaos', trace],
    // About seventy cells, so the job cannot end before the outage however fast the machine is.
    env: { SWITCHYARD_GPU_PROVIDER: 'simulated', SWITCHYARD_SLOW_MILLIS_PER_CELL: '500' },
  });
  t.after(() => server.dispose());
  const input = await putObject(
    server,
    'uploads/rows.jsonl',
    toJsonl(generatedReviews(rowCount, 51)),
  );
  const ask = { model: 'tiny-text', input, lane: 'gpu-spot', deadlineMs: 30_000 };
  const { id } = await createJob(server, ask);

  const outcome = await finishRehearsal({ server, id, rowCount });

  assert.deepEqual(digests(outcome), undisturbed);
  // The ledger is written once the job's workers are gone.
  const costs = await waitFor('the rows of the job', async () => {
    const now = (await send(server.url, '/costs')).json<Costs>();
    return now.attempts > 0 ? now : undefined;
  });
  assert.deepEqual(costs.by_lane.map(({ name }) => name).toSorted(), ['gpu-on-demand', 'gpu-spot']);
  assert.equal(sumUsd(costs.by_lane.map(({ usd }) => usd)).toFixed(), costs.usd);
  const reclaimed = eventsOf<{ reclaimed: unknown[] }>(server, 'chaos_capacity');
  assert.ok(reclaimed.some((change) => change.reclaimed.length > 0));
  for (const { name, usd } of costs.by_lane) console.log(`${name}: ${usd} USD`);
});
