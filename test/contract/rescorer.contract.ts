import assert from 'node:assert/strict';
import { escalationFailures } from '#core/contract/escalation.ts';
import type { Rescorer } from '#core/ports/rescorer.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

/**
 * A rescorer whose other side does what a text says: `say:LABEL` answers so, `garbage` answers what is no
 * answer, `break` fails for good, `hang` never answers. Every answer took tokens.
 */
export interface RescorerUnderTest {
  readonly rescorer: Rescorer;
  /** Resolves once the other side has a text that hangs. */
  readonly hanging: Promise<void>;
}

/** What every rescorer must do; the promises are in shared/core/ports/rescorer.ts. */
export function describeRescorer(subject: ContractSubject<RescorerUnderTest>): void {
  describeContract(subject, cases);
}

const labels = ['NEGATIVE', 'POSITIVE'];

function rescore({ rescorer }: RescorerUnderTest, texts: readonly string[], signal?: AbortSignal) {
  return rescorer.rescore({ texts, labels, signal: signal ?? new AbortController().signal });
}

const cases: Record<string, ContractCase<RescorerUnderTest>> = {
  async 'answers each text in its place, with the tokens that it took'(subject) {
    const texts = ['say:POSITIVE', 'say:NEGATIVE', 'say:POSITIVE'];

    const outcomes = await rescore(subject, texts);

    assert.deepEqual(
      outcomes.map((outcome) => outcome.ok && outcome.label),
      ['POSITIVE', 'NEGATIVE', 'POSITIVE'],
    );
    assert.ok(outcomes.every(({ tokens }) => tokens !== undefined && tokens.input > 0));
  },

  async 'has nothing to say about nothing'(subject) {
    assert.deepEqual(await rescore(subject, []), []);
  },

  async 'takes no label but one of the set'(subject) {
    const outcomes = await rescore(subject, ['say:NEUTRAL', 'say:positive', 'say:POSITIVE ']);

    for (const outcome of outcomes) assert.ok(!outcome.ok && outcome.reason === 'invalid_answer');
  },

  async 'keeps a bad answer from its neighbours'(subject) {
    const [good, bad, other] = await rescore(subject, ['say:POSITIVE', 'garbage', 'say:NEGATIVE']);

    assert.ok(good?.ok && other?.ok);
    assert.ok(bad !== undefined && !bad.ok && bad.reason === 'invalid_answer');
  },

  async 'never throws for what the other side does, and repeats nothing of it'(subject) {
    const [outcome] = await rescore(subject, ['break']);

    assert.ok(outcome !== undefined && !outcome.ok);
    assert.ok(escalationFailures.includes(outcome.reason));
    assert.equal(outcome.reason, 'unavailable');
    assert.deepEqual(Object.keys(outcome).sort(), ['ok', 'reason', 'tokens']);
  },

  async 'asks nobody once it was aborted'(subject) {
    const outcomes = await rescore(subject, ['say:POSITIVE', 'hang'], AbortSignal.abort());

    for (const outcome of outcomes) assert.ok(!outcome.ok && outcome.reason === 'timed_out');
  },

  async 'stops waiting when it is aborted'(subject) {
    const stop = new AbortController();
    const answered = rescore(subject, ['hang'], stop.signal);
    await subject.hanging;

    stop.abort();

    const [outcome] = await answered;
    assert.ok(outcome !== undefined && !outcome.ok && outcome.reason === 'timed_out');
  },

  async 'says who answers'({ rescorer }) {
    assert.ok(rescorer.by.model.length > 0);
    assert.equal(rescorer.by.kind === 'endpoint', rescorer.by.host !== undefined);
  },
};
