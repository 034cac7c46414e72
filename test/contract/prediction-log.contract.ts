import assert from 'node:assert/strict';
import type { PredictionLog } from '#core/ports/prediction-log.ts';
import { type PredictionLine, predictionLineSchema } from '#core/predictions/prediction-line.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

export interface PredictionLogUnderTest {
  readonly log: PredictionLog;
  /** Every line that is durable, as it was written. */
  stored(): Promise<readonly string[]>;
}

/** What every prediction log must do; the promises are in shared/core/ports/prediction-log.ts. */
export function describePredictionLog(subject: ContractSubject<PredictionLogUnderTest>): void {
  describeContract(subject, cases);
}

const line = (id: string, text: string): PredictionLine => ({
  prediction: 1,
  id,
  at: '2026-11-24T10:00:00.000Z',
  tenant: 'acme',
  model: 'sst2-minilm',
  variant: 'cpu-int8',
  items: [{ index: 0, text, tokens: 3 }],
});

const cases: Readonly<Record<string, ContractCase<PredictionLogUnderTest>>> = {
  async 'keeps lines after a flush, in order and as they were given'({ log, stored }) {
    const given = [line('a', 'one\ntwo "three" \u2028'), line('b', '')];
    for (const each of given) log.append(each);
    await log.flush();

    const read = (await stored()).map((each) => predictionLineSchema.parse(JSON.parse(each)));
    assert.deepEqual(read, given);
  },
  async 'takes nothing more once it is closed, and has everything from before'({ log, stored }) {
    log.append(line('a', 'before'));
    await log.close();
    log.append(line('b', 'after'));
    await log.flush();

    const read = await stored();
    assert.equal(read.length, 1);
    assert.match(read[0] ?? '', /before/);
  },
};
