import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type CostsView, costsViewSchema } from '#core/contract/costs-view.ts';
import { modelListSchema } from '#core/contract/model-view.ts';
import {
  type PredictBatchResponse,
  type PredictResponse,
  predictBatchResponseSchema,
  predictResponseSchema,
} from '#core/contract/predict-answer.ts';
import {
  type ChatBehaviour,
  type ChatStandIn,
  startChatStandIn,
} from '../fixtures/escalation/chat-stand-in.ts';
import { postJson, send } from '../fixtures/harness/http.ts';
import { type Switchyard, startSwitchyard } from '../fixtures/harness/start-switchyard.ts';
import { waitFor } from '../fixtures/harness/wait-for.ts';

/** Not certain for the tiny model: hardly a word in it that it knows as good or bad. */
const uncertain = 'the film is about two brothers';
const certain = 'a gripping, beautiful film';

let folder: string;
let standIn: ChatStandIn;
let behave: ChatBehaviour = (_, respond) => respond.label('NEGATIVE');
let server: Switchyard;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-escalation-'));
  standIn = await startChatStandIn((call, respond, tries) => behave(call, respond, tries));
  const file = join(folder, 'escalation.json');
  const price = { inputUsdPerMillion: '3', outputUsdPerMillion: '15' };
  const rules = {
    'tiny-text': { threshold: 0.9, to: { kind: 'model', model: 'sst2-minilm' } },
    'sst2-minilm': {
      threshold: 0.999,
      timeoutMs: 20_000,
      to: {
        ...{ kind: 'endpoint', baseUrl: standIn.baseUrl, model: 'large-one' },
        key: { from: 'environment', variable: 'LARGE_ONE_KEY' },
        price: { ...price, source: 'an invented list', asOf: '2026-01-01' },
      },
    },
  };
  writeFileSync(file, JSON.stringify(rules));
  server = await startSwitchyard({
    env: { SWITCHYARD_ESCALATION: file, LARGE_ONE_KEY: 'key-of-the-test' },
  });
});

after(async () => {
  await server?.dispose();
  await standIn?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function predict(body: object): Promise<PredictResponse> {
  const answer = await postJson(server.url, '/predict', body);
  assert.equal(answer.status, 200, answer.text);
  return predictResponseSchema.parse(answer.json());
}

async function costs(): Promise<CostsView> {
  return costsViewSchema.parse((await send(server.url, '/costs')).json());
}

test('an uncertain answer is asked of the larger model, and is that model’s answer', async () => {
  const [large, small] = await Promise.all([
    predict({ text: uncertain, escalate: false }),
    predict({ text: uncertain, model: 'tiny-text', escalate: false }),
  ]);
  assert.ok((small.score ?? 1) < 0.9, `${small.score}`);

  const answer = await predict({ text: uncertain, model: 'tiny-text', topK: 2 });

  assert.deepEqual([answer.label, answer.score], [large.label, large.score]);
  assert.equal(answer.scores?.length, 2);
  assert.equal(answer.model, 'tiny-text');
  assert.deepEqual(answer.escalated, {
    by: { kind: 'model', model: 'sst2-minilm', model_version: large.model_version },
    from: { label: small.label, score: small.score, model: 'tiny-text' },
  });
  const summary = answer.escalation_summary;
  assert.deepEqual([summary?.escalated, summary?.failed, summary?.skipped], [1, 0, 0]);
  assert.ok((summary?.usd ?? 0) > 0 && (summary?.usd ?? 1) < answer.cost.usd);
});

test('a certain answer says nothing of it', async () => {
  const answer = await predict({ text: certain, model: 'tiny-text' });

  assert.ok(!('escalated' in answer) && !('escalation' in answer));
  assert.ok(!('escalation_summary' in answer));
});

test('a batch asks about its uncertain items only', async () => {
  const texts = [certain, uncertain, '', certain];
  const answer = await postJson(server.url, '/predict/batch', { texts, model: 'tiny-text' });

  assert.equal(answer.status, 200, answer.text);
  const { results, escalation_summary: summary }: PredictBatchResponse =
    predictBatchResponseSchema.parse(answer.json());
  assert.deepEqual(
    results.map((each) => 'escalated' in each),
    [false, true, false, false],
  );
  assert.equal(summary?.escalated, 1);
});

test('an endpoint is asked with its key, and its label has no score', async () => {
  behave = (_, respond) => respond.label('NEGATIVE');

  const answer = await predict({ text: uncertain, topK: 2 });

  assert.equal(answer.label, 'NEGATIVE');
  assert.ok(!('score' in answer) && !('scores' in answer));
  assert.equal(answer.escalated?.by.model, 'large-one');
  assert.equal(answer.escalated?.by.host, new URL(standIn.baseUrl).host);
  assert.equal(standIn.calls.at(-1)?.headers.authorization, 'Bearer key-of-the-test');
  const tokensUsd = (100 * 3 + 8 * 15) / 1e6;
  assert.ok((answer.escalation_summary?.usd ?? 0) >= tokensUsd);
  assert.match(answer.cost.basis, /an invented list, 2026-01-01/);
});

const failures: Readonly<Record<string, readonly [ChatBehaviour, string]>> = {
  'a label outside the set': [(_, respond) => respond.label('MAYBE'), 'invalid_answer'],
  'an error that stays': [(_, respond) => respond.status(500), 'unavailable'],
  'a body that breaks off': [(_, respond) => respond.reset(), 'unavailable'],
  'JSON that is none': [(_, respond) => respond.raw('{"choices":'), 'invalid_answer'],
};

for (const [name, [behaviour, reason]] of Object.entries(failures)) {
  test(`${name} leaves the first answer, which says so`, async () => {
    behave = behaviour;
    const first = await predict({ text: uncertain, escalate: false });

    const answer = await predict({ text: uncertain });

    assert.deepEqual([answer.label, answer.score], [first.label, first.score]);
    assert.deepEqual(answer.escalation, { status: 'failed', reason });
    assert.equal(answer.escalation_summary?.failed, 1);
  });
}

test('a deadline holds although the endpoint hangs', async () => {
  behave = (_, respond) => respond.hang();

  const answer = await predict({ text: uncertain, deadlineMs: 4_000 });

  assert.ok(answer.label !== undefined && answer.score !== undefined);
  assert.deepEqual(answer.escalation, { status: 'failed', reason: 'timed_out' });
  // The rule alone would have waited for 20 s.
  assert.ok(answer.processing_time_ms < 20_000, `${answer.processing_time_ms}`);
});

test('a price limit that its tokens could exceed keeps the question from being asked', async () => {
  const asked = standIn.calls.length;

  const answer = await predict({ text: uncertain, maxUsd: 0.0001 });

  assert.deepEqual(answer.escalation, { status: 'skipped', reason: 'price_limit' });
  assert.equal(standIn.calls.length, asked);
});

test('models say who is asked about their answers', async () => {
  const { models } = modelListSchema.parse((await send(server.url, '/models')).json());
  const ruleOf = (name: string) => models.find((model) => model.name === name)?.escalation;

  assert.equal(ruleOf('tiny-text')?.by.kind, 'model');
  assert.equal(ruleOf('sst2-minilm')?.by.kind, 'endpoint');
  assert.equal(ruleOf('minilm-embed'), undefined);
});

test('what cannot be escalated is refused where it was demanded', async () => {
  const embed = { text: certain, model: 'minilm-embed', escalate: true };
  const asJob = { text: certain, lane: 'cpu-fleet', escalate: true };
  const job = { items: [{ text: certain }], options: { escalate: true } };
  const answers = await Promise.all([
    postJson(server.url, '/predict', embed),
    postJson(server.url, '/predict', asJob),
    postJson(server.url, '/jobs', job),
  ]);

  for (const answer of answers) assert.equal(answer.status, 400, answer.text);
  assert.match(answers[0].text, /no rule of escalation/);
  assert.match(answers[1].text, /answered by one model/);
  assert.match(answers[2].text, /answered by one model/);
});

test('the ledger has a row of its own for second answers, and adds up', async () => {
  const view = await waitFor('the escalations are in the ledger', async () => {
    const now = await costs();
    return now.escalations >= 8 ? now : undefined;
  });

  const usdOf = (item: string) => Number(view.by_item.find(({ name }) => name === item)?.usd ?? 0);
  assert.ok(usdOf('endpoint large-one input-tokens') >= (100 * 3) / 1e6);
  assert.ok(usdOf('endpoint large-one output-tokens') >= (8 * 15) / 1e6);
  assert.ok(
    view.by_kind.some(({ name }) => name === 'lost'),
    'tokens of a wrong label are lost',
  );
  assert.deepEqual(view.unpriced, []);
  assert.ok(view.by_model.some(({ name }) => name === 'large-one'));
});

test('neither a text nor the key is in the log', () => {
  assert.ok(!server.output().includes(uncertain));
  assert.ok(!server.output().includes('key-of-the-test'));
  assert.match(server.output(), /"event":"escalation_failed"/);
});
