import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type HttpAnswer, postJson } from '../fixtures/harness/http.ts';
import { runSeed, type SeededRandom, seededRandom } from '../fixtures/harness/random.ts';
import { startSwitchyard } from '../fixtures/harness/start-switchyard.ts';

const REQUESTS = 1_000;

interface Route {
  readonly lane: string;
  readonly reason: string;
  readonly stateId: string;
}

interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly answer: HttpAnswer;
}

/** One text or a few, with and without a deadline; a few milliseconds are too little for some. */
function drawRequest(random: SeededRandom): Pick<Asked, 'path' | 'body'> {
  const text = () => 'a gripping, beautiful film '.repeat(1 + random.below(12));
  const limits = [{}, {}, { deadlineMs: 5_000 }, { deadlineMs: 2 }, { maxUsd: 0.001 }];
  const limit = limits[random.below(limits.length)] ?? {};
  const model = random.below(3) === 0 ? 'minilm-embed' : 'sst2-minilm';
  if (random.below(4) > 0) return { path: '/predict', body: { text: text(), model, ...limit } };
  const texts = Array.from({ length: 1 + random.below(8) }, text);
  return { path: '/predict/batch', body: { texts, model, ...limit } };
}

/** What an answer or a refusal said of its route. */
function statedBy({ status, json }: HttpAnswer): { stateId: string; route: Route | undefined } {
  const body = json<{ route?: Route; stateId?: string }>();
  if (status === 200 && body.route !== undefined) {
    return { stateId: body.route.stateId, route: body.route };
  }
  assert.equal(status, 409, 'an answer, or a refusal by prediction');
  assert.ok(body.stateId !== undefined);
  return { stateId: body.stateId, route: undefined };
}

test('every answer is explained as it was given, after kill -9 and a new start', async (t) => {
  const seed = runSeed();
  t.diagnostic(`SWITCHYARD_TEST_SEED=${seed}`);
  const random = seededRandom(seed);
  const first = await startSwitchyard();
  t.after(() => first.dispose());
  const asked: Asked[] = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const { path, body } = drawRequest(random);
    const answer = await postJson(first.url, path, body);
    // A prediction that came true too late says so and names no state: it was not refused by one.
    if (answer.status === 200 || answer.text.includes('stateId'))
      asked.push({ path, body, answer });
  }
  await first.killTree();
  const second = await startSwitchyard({ dataFolder: first.dataFolder });
  t.after(() => second.dispose());

  const states = new Set<string>();
  for (const { body, answer } of asked) {
    const { stateId, route } = statedBy(answer);
    states.add(stateId);
    const explained = await postJson(second.url, '/route:explain', { ...body, stateId });
    assert.equal(explained.status, 200, explained.text);
    const told = explained.json<{ route: Route & { chosen: object | null } }>().route;
    if (route === undefined) assert.equal(told.chosen, null);
    else
      assert.deepEqual([told.lane, told.reason, told.stateId], [route.lane, route.reason, stateId]);
  }
  t.diagnostic(`${asked.length} of ${REQUESTS} answers named a state; ${states.size} states`);
  assert.ok(asked.length > 0.8 * REQUESTS, `${asked.length}`);
});
