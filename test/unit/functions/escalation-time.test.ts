import assert from 'node:assert/strict';
import test from 'node:test';
import type { Escalation } from '#work/escalation/escalate.ts';
import { bodyOf, handlerHarness } from './handler-harness.ts';

/** Notes how long it may take, and keeps the first answers. */
function notingEscalation(noted: (number | undefined)[]): Escalation {
  return {
    ruleOf: () => ({ threshold: 1, by: { kind: 'model', model: 'larger' } }),
    escalate: async ({ outcomes, remainingMillis }) => {
      noted.push(remainingMillis);
      return { outcomes, use: undefined };
    },
  };
}

test('second answers end before the invocation does, and before a deadline', async (t) => {
  const noted: (number | undefined)[] = [];
  const { call } = await handlerHarness(t, { escalation: notingEscalation(noted) });

  for (const rest of [{}, { deadlineMs: 10_000 }]) {
    const answer = await call('predict', { body: { text: 'a film', ...rest } });
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(bodyOf(answer).label, 'POSITIVE');
  }

  const [withoutDeadline, withDeadline] = noted;
  // The platform ends a call after 29 s, and half a second is kept for the answer.
  assert.ok((withoutDeadline ?? 0) > 10_000 && (withoutDeadline ?? Infinity) <= 28_500);
  assert.ok((withDeadline ?? 0) > 0 && (withDeadline ?? Infinity) <= 10_000);
});

test('escalate: false asks nobody', async (t) => {
  const noted: (number | undefined)[] = [];
  const { call } = await handlerHarness(t, { escalation: notingEscalation(noted) });

  await call('predictBatch', { body: { texts: ['a film', 'b'], escalate: false } });

  assert.deepEqual(noted, []);
});
