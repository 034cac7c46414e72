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

/** What an answer, a refusal, or a deadline that passed said of its route; a refusal took none. */
function statedBy({ status, text, json }: HttpAnswer): {
  readonly stateId: string;
  readonly route: Route | undefined;
} {
  const body = json<{ route?: Route; stateId?: string; offers?: object }>();
  const stateId = body.stateId ?? body.route?.stateId;
  assert.ok(stateId !== undefined, text);
  if (status === 200) return { stateId, route: body.route };
  assert.equal(status, 409, 'an answer, or none in time');
  assert.ok(body.offers !== undefined, text);
  return { stateId, route: body.route };
}

function kindOf(status: number, route: Route | undefined) {
  if (status === 200) return 'answered';
  return route === undefined ? 'refused' : 'passed';
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
    asked.push({ path, body, answer });
  }
  await first.killTree();
  const second = await startSwitchyard({ dataFolder: first.dataFolder });
  t.after(() => second.dispose());

  const states = new Set<string>();
  const kinds = { answered: 0, refused: 0, passed: 0 };
  for (const { body, answer } of asked) {
    const { stateId, route } = statedBy(answer);
    states.add(stateId);
    kinds[kindOf(answer.status, route)] += 1;
    const explained = await postJson(second.url, '/route:explain', { ...body, stateId });
    assert.equal(explained.status, 200, explained.text);
    const told = explained.json<{ route: Route & { chosen: object | null } }>().route;
    if (route === undefined) assert.equal(told.chosen, null);
    else
      assert.deepEqual([told.lane, told.reason, told.stateId], [route.lane, route.reason, stateId]);
  }
  const { answered, refused, passed } = kinds;
  t.diagnostic(
    `${answered} answers, ${refused} refusals, ${passed} deadlines that passed; ${states.size} states`,
  );
  assert.equal(answered + refused + passed, REQUESTS);
});
