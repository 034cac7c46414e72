import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { type EscalationAsk, planEscalation } from '#core/escalation/plan-escalation.ts';

const rule = { threshold: 0.8, maxItems: 8, maxShare: 1, timeoutMs: 5_000 };
const free = () => ({ usd: 0, millis: 0 });

function classified(score: number): ItemOutcome {
  const scores = [
    { label: 'POSITIVE', score },
    { label: 'NEGATIVE', score: 1 - score },
  ];
  return { ok: true, answer: { kind: 'classification', scores, truncated: false, tokens: 3 } };
}

function plan(scores: readonly number[], rest: Partial<EscalationAsk> = {}) {
  return planEscalation({
    outcomes: scores.map(classified),
    rule,
    remainingMillis: undefined,
    remainingUsd: undefined,
    costOf: free,
    ...rest,
  });
}

test('answers below the threshold are asked about, and no others', () => {
  const { chosen, notes } = plan([0.79, 0.8, 0.5, 0.99]);

  assert.deepEqual(chosen, [0, 2]);
  assert.equal(notes.size, 0);
});

test('errors and embeddings are never asked about', () => {
  const outcomes: ItemOutcome[] = [
    { ok: false, error: { code: 'unprocessable_input', detail: 'no' } },
    { ok: true, answer: { kind: 'embedding', embedding: [1], truncated: false, tokens: 3 } },
  ];

  assert.deepEqual(plan([], { outcomes }).chosen, []);
});

test('the least certain come first where not all may be asked about', () => {
  const { chosen, notes } = plan([0.7, 0.55, 0.6, 0.51], { rule: { ...rule, maxItems: 2 } });

  assert.deepEqual(chosen, [1, 3]);
  assert.deepEqual([...notes.keys()].sort(), [0, 2]);
  assert.deepEqual(notes.get(0), { status: 'skipped', reason: 'max_items' });
});

test('a share is rounded up, so that a single text can be asked about', () => {
  const half = { ...rule, maxShare: 0.5 };

  assert.deepEqual(plan([0.6], { rule: half }).chosen, [0]);
  assert.deepEqual(plan([0.6, 0.7, 0.65], { rule: half }).chosen, [0, 2]);
});

test('a deadline shortens the wait, and is never passed', () => {
  assert.equal(plan([0.6], { remainingMillis: 300 }).timeoutMillis, 280);
  assert.equal(plan([0.6], { remainingMillis: 60_000 }).timeoutMillis, 5_000);
  const late = plan([0.6], { remainingMillis: 25 });
  assert.deepEqual(late.chosen, []);
  assert.deepEqual(late.notes.get(0), { status: 'skipped', reason: 'deadline' });
});

test('items that a model has no time for before the deadline are not begun', () => {
  const costOf = () => ({ usd: 0, millis: 40 });

  const { chosen, notes } = plan([0.6, 0.5, 0.7], { remainingMillis: 120, costOf });

  assert.deepEqual(chosen, [0, 1]);
  assert.deepEqual(notes.get(2), { status: 'skipped', reason: 'deadline' });
});

test('what maxUsd leaves is never passed, and an unknown price counts as too high', () => {
  const costOf = () => ({ usd: 0.4, millis: 0 });
  const dear = plan([0.6, 0.5, 0.7], { remainingUsd: 1, costOf });
  assert.deepEqual(dear.chosen, [0, 1]);
  assert.deepEqual(dear.notes.get(2), { status: 'skipped', reason: 'price_limit' });

  const unknown = plan([0.6], { remainingUsd: 1, costOf: () => undefined });
  assert.deepEqual(unknown.notes.get(0), { status: 'skipped', reason: 'price_unknown' });
  assert.deepEqual(plan([0.6], { costOf: () => undefined }).chosen, [0]);
});

const asks = fc.record({
  scores: fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 20 }),
  threshold: fc.integer({ min: 1, max: 100 }),
  maxItems: fc.integer({ min: 1, max: 20 }),
  share: fc.integer({ min: 1, max: 100 }),
  remainingMillis: fc.option(fc.integer({ min: 0, max: 400 }), { nil: undefined }),
  remainingCents: fc.option(fc.integer({ min: 0, max: 40 }), { nil: undefined }),
  cents: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 20, maxLength: 20 }),
});

function planOf(ask: ReturnType<typeof asks.generate>['value']) {
  return plan(
    ask.scores.map((score) => score / 100),
    {
      rule: {
        ...rule,
        threshold: ask.threshold / 100,
        maxItems: ask.maxItems,
        maxShare: ask.share / 100,
      },
      remainingMillis: ask.remainingMillis,
      remainingUsd: ask.remainingCents,
      costOf: (index) => ({ usd: ask.cents[index], millis: (ask.cents[index] ?? 0) * 10 }),
    },
  );
}

test('every uncertain item is asked about or says why not, within each limit', () => {
  fc.assert(
    fc.property(asks, (ask) => {
      const { chosen, notes, timeoutMillis } = planOf(ask);
      const uncertain = ask.scores.flatMap((score, at) => (score < ask.threshold ? [at] : []));
      assert.deepEqual(
        [...chosen, ...notes.keys()].sort((a, b) => a - b),
        uncertain,
      );
      assert.ok(
        chosen.length <= Math.min(ask.maxItems, Math.ceil((ask.share / 100) * ask.scores.length)),
      );
      const spent = chosen.reduce((sum, at) => sum + (ask.cents[at] ?? 0), 0);
      assert.ok(spent <= (ask.remainingCents ?? Infinity));
      assert.ok(timeoutMillis <= (ask.remainingMillis ?? Infinity));
      const worst = Math.max(0, ...chosen.map((at) => ask.scores[at] ?? 0));
      for (const at of notes.keys()) assert.ok((ask.scores[at] ?? 0) >= worst);
    }),
  );
});

test('a tighter limit only takes items away', () => {
  fc.assert(
    fc.property(asks, fc.integer({ min: 0, max: 40 }), (ask, cut) => {
      const wide = new Set(planOf(ask).chosen);
      const tighter = [
        { ...ask, threshold: Math.max(1, ask.threshold - cut) },
        { ...ask, maxItems: Math.max(1, ask.maxItems - cut) },
        { ...ask, remainingCents: Math.min(ask.remainingCents ?? 40, cut) },
        { ...ask, remainingMillis: Math.min(ask.remainingMillis ?? 400, cut * 10) },
      ];
      for (const each of tighter) {
        for (const index of planOf(each).chosen) assert.ok(wide.has(index));
      }
    }),
  );
});
