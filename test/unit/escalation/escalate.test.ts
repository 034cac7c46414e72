import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { escalatedSchema, escalationNoteSchema } from '#core/contract/escalation.ts';
import { itemResult } from '#core/contract/item-result.ts';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { readEscalationSettings } from '#core/escalation/escalation-settings.ts';
import { escalationSummary } from '#core/escalation/escalation-use.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { RescoreOutcome, Rescorer } from '#core/ports/rescorer.ts';
import { type FirstAnswers, openEscalation } from '#work/escalation/escalate.ts';

const settings = readEscalationSettings({
  small: {
    threshold: 0.8,
    to: {
      ...{ kind: 'endpoint', baseUrl: 'https://llm.example/v1', model: 'large' },
      key: { from: 'none' },
      price: {
        inputUsdPerMillion: '2',
        outputUsdPerMillion: '8',
        source: 'a list',
        asOf: '2026-01-01',
      },
    },
  },
});

function escalationOver(rescore: Rescorer['rescore'], clock: Clock = systemClock) {
  return openEscalation({
    settings,
    models: [{ name: 'small', labels: ['NEGATIVE', 'POSITIVE'] }],
    openRescorer: () => ({
      by: { kind: 'endpoint', model: 'large', host: 'llm.example' },
      rescore,
    }),
    costOf: () => ({ usd: 0.001, millis: 0 }),
    clock,
  });
}

function first(scores: readonly number[], rest: Partial<FirstAnswers> = {}): FirstAnswers {
  const outcomes = scores.map((score): ItemOutcome => {
    const both = [
      { label: 'POSITIVE', score },
      { label: 'NEGATIVE', score: 1 - score },
    ];
    return {
      ok: true,
      answer: { kind: 'classification', scores: both, truncated: false, tokens: 4 },
    };
  });
  const texts = scores.map((_, at) => `text ${at}`);
  const { signal } = new AbortController();
  const open = { remainingMillis: undefined, remainingUsd: undefined, signal };
  return { model: 'small', texts, outcomes, ...open, ...rest };
}

const tokens = { input: 100, output: 10 };
const negative: RescoreOutcome = { ok: true, label: 'NEGATIVE', truncated: false, tokens };
const broken: RescoreOutcome = { ok: false, reason: 'invalid_answer', tokens };

test('uncertain answers are replaced and say by whom and from what', async () => {
  const asked: string[] = [];
  const escalation = escalationOver(async ({ texts }) => {
    asked.push(...texts);
    return texts.map(() => negative);
  });

  const { outcomes, use } = await escalation.escalate(first([0.9, 0.6]));

  assert.deepEqual(asked, ['text 1']);
  const [kept, replaced] = outcomes.map((outcome) => outcome.ok && itemResult(outcome.answer, 2));
  assert.ok(kept && !('escalated' in kept) && !('escalation' in kept));
  assert.ok(replaced && replaced.label === 'NEGATIVE');
  assert.ok(!('score' in replaced) && !('scores' in replaced), 'an endpoint states no probability');
  assert.deepEqual(escalatedSchema.parse(replaced.escalated).from, {
    label: 'POSITIVE',
    score: 0.6,
    model: 'small',
  });
  assert.ok(use !== undefined);
  const summary = escalationSummary(use, 0);
  assert.deepEqual([summary.escalated, summary.failed, summary.tokens], [1, 0, 110]);
  assert.equal(summary.usd, (100 * 2 + 10 * 8) / 1e6);
});

test('a second answer that does not come changes nothing but says so', async () => {
  const escalation = escalationOver(async ({ texts }) => texts.map(() => broken));

  const { outcomes, use } = await escalation.escalate(first([0.6]));

  const [kept] = outcomes.map((outcome) => outcome.ok && itemResult(outcome.answer, undefined));
  assert.ok(kept && kept.label === 'POSITIVE' && kept.score === 0.6);
  const note = escalationNoteSchema.parse(kept.escalation);
  assert.deepEqual(note, { status: 'failed', reason: 'invalid_answer' });
  assert.deepEqual(use?.lost, tokens, 'tokens of an answer that does not stand are paid for');
});

test('where every answer is certain nobody is asked', async () => {
  const escalation = escalationOver(async () => assert.fail('asked'));
  const given = first([0.9, 0.95]);

  const { outcomes, use } = await escalation.escalate(given);

  assert.equal(outcomes, given.outcomes);
  assert.equal(use, undefined);
});

test('answers of a model without a rule are left alone', async () => {
  const escalation = escalationOver(async () => assert.fail('asked'));

  const { use } = await escalation.escalate(first([0.5], { model: 'other' }));

  assert.equal(use, undefined);
  assert.equal(escalation.ruleOf('other'), undefined);
  assert.equal(escalation.ruleOf('small')?.threshold, 0.8);
});

test('the wait ends when its time is over', async () => {
  const slept: number[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: async (millis) => {
      slept.push(millis);
    },
  };
  const escalation = escalationOver(async ({ texts, signal }) => {
    if (!signal.aborted) await once(signal, 'abort');
    return texts.map(() => ({ ...broken, reason: 'timed_out' }));
  }, clock);

  const { outcomes } = await escalation.escalate(first([0.6], { remainingMillis: 1_000 }));

  assert.deepEqual(slept, [980]);
  const [kept] = outcomes.map((outcome) => outcome.ok && itemResult(outcome.answer, undefined));
  assert.ok(kept);
  assert.deepEqual(kept.escalation, { status: 'failed', reason: 'timed_out' });
});

test('a caller who leaves gets the reason of leaving', async () => {
  const left = new AbortController();
  const escalation = escalationOver(async ({ texts, signal }) => {
    left.abort(new Error('gone'));
    assert.ok(signal.aborted);
    return texts.map(() => ({ ...broken, reason: 'timed_out' }));
  });

  await assert.rejects(escalation.escalate(first([0.6], { signal: left.signal })), /gone/);
});

test('what maxUsd leaves bounds the questions', async () => {
  const escalation = escalationOver(async ({ texts }) => texts.map(() => negative));

  const { use } = await escalation.escalate(first([0.6, 0.7, 0.75], { remainingUsd: 0.0021 }));

  assert.deepEqual([use?.escalated, use?.skipped], [2, 1]);
});
