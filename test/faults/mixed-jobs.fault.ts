import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textBytes } from '#core/contract/text-bytes.ts';
import { generatedReviews, toJsonl } from '../fixtures/harness/corpus.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { createJob, getJob } from '../fixtures/harness/jobs.ts';
import { putObject } from '../fixtures/harness/outbox.ts';
import { finishRehearsal } from '../fixtures/harness/spot-rehearsal.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';

interface Quotes {
  readonly quotes: readonly {
    readonly onTime: boolean;
    readonly reason: string;
    readonly plan: { readonly lanes: readonly string[]; readonly finishSeconds: number } | null;
  }[];
}

interface Costs {
  readonly attempts: number;
  readonly by_lane: readonly { readonly name: string }[];
}

const rowCount = 60_000;

test('a deadline that only both lanes meet: both work, and every line says its variant', async (t) => {
  const server = await startSwitchyard({
    workers: 2,
    cellBytes: 16_384,
    env: { SWITCHYARD_GPU_PROVIDER: 'simulated', SWITCHYARD_SLOW_MILLIS_PER_CELL: '100' },
  });
  t.after(() => server.dispose());
  const reviews = generatedReviews(rowCount, 7);
  const content = toJsonl(reviews);
  const size = { items: rowCount, bytes: textBytes(reviews.map(({ text }) => text)) };
  const soonest = async (mixed: boolean) => {
    const body = { model: 'tiny-text', ...size, deadlinesMs: [1], mixed };
    const answer = (await postJson(server.url, '/quotes', body)).json<Quotes>();
    return answer.quotes[0]?.plan?.finishSeconds ?? 0;
  };
  const [pure, mix] = [await soonest(false), await soonest(true)];
  assert.ok(mix < pure, `${mix} s and ${pure} s`);
  const deadlineMs = Math.floor(((pure + mix) / 2) * 1_000);
  const input = await putObject(server, 'uploads/rows.jsonl', content);

  const job = await createJob(server, { model: 'tiny-text', input, deadlineMs });

  assert.equal(job.route?.reason, 'only-mixed-on-time');
  assert.equal(job.route.mixed, true);
  assert.deepEqual(
    job.route.pools?.map(({ lane }) => lane),
    ['gpu-on-demand', 'cpu-fleet'],
  );
  const outcome = await finishRehearsal({ server, id: job.id, rowCount });
  const lines = outcome.results.toString('utf8').trimEnd().split('\n');
  assert.ok(lines.every((line) => typeof JSON.parse(line).variant === 'string'));
  assert.deepEqual(outcome.manifest['lanes'], ['cpu-fleet', 'gpu-on-demand']);
  const costs = await waitFor('the rows of the job', async () => {
    const now = (await send(server.url, '/costs')).json<Costs>();
    return now.attempts > 0 ? now : undefined;
  });
  const lanes = costs.by_lane.map(({ name }) => name).toSorted();
  assert.deepEqual(lanes, ['cpu-fleet', 'gpu-on-demand']);
  console.log(`alone ${pure} s, both ${mix} s; ${(await getJob(server, job.id)).status}`);
});
