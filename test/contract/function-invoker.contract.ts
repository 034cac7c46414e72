import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type FunctionInvoker, MAX_START_BYTES } from '#core/ports/function-invoker.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';
import { hasCode } from './contract-expectations.ts';
import { waitUntil } from './wait-until.ts';

/** An invoker under which the function of test/fixtures/functions/obedient-function.ts has a name. */
export interface FunctionInvokerUnderTest {
  readonly invoker: FunctionInvoker;
  /** Name of that function. */
  readonly name: string;
  /** Empty; started functions write here. */
  readonly folder: string;
}

/** What every invoker must do; the promises are in shared/core/ports/function-invoker.ts. */
export function describeFunctionInvoker(subject: ContractSubject<FunctionInvokerUnderTest>): void {
  describeContract(subject, cases);
}

function linesOf(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
}

const cases: Record<string, ContractCase<FunctionInvokerUnderTest>> = {
  async 'gives the answer of the function to what it was sent'({ invoker, name }) {
    const value = { text: 'é "\u2028" 😀', list: [1, null, { deep: true }], number: 1e-7 };

    assert.deepEqual(await invoker.call(name, { do: 'echo', value }), { got: value });
  },

  async 'copies payloads as JSON does'({ invoker, name }) {
    const value = { absent: undefined, at: new Date(0) };

    const answer = await invoker.call(name, { do: 'echo', value });

    assert.deepEqual(answer, { got: { at: '1970-01-01T00:00:00.000Z' } });
  },

  async 'gives null where the function answers nothing'({ invoker, name }) {
    assert.equal(await invoker.call(name, { do: 'nothing' }), null);
  },

  async 'says that a function failed without its message'({ invoker, name }) {
    await assert.rejects(invoker.call(name, { do: 'throw', message: 'a secret text' }), (error) => {
      assert.ok(hasCode('internal')(error));
      assert.ok(!String(error).includes('a secret text'));
      return true;
    });
    assert.deepEqual(await invoker.call(name, { do: 'echo', value: 1 }), { got: 1 });
  },

  async 'knows no function of another name'({ invoker }) {
    const nobody = 'switchyard-no-such-function';
    await assert.rejects(invoker.call(nobody, {}), hasCode('invalid_setting'));
    await assert.rejects(invoker.start(nobody, {}), hasCode('invalid_setting'));
  },

  async 'refuses a payload that is too large to be started with, and takes the largest'(subject) {
    const { invoker, name, folder } = subject;
    const frame = { do: 'append', file: path.join(folder, 'large'), line: 'large', rest: '' };
    const room = MAX_START_BYTES - JSON.stringify(frame).length;

    await assert.rejects(
      invoker.start(name, { ...frame, rest: 'x'.repeat(room + 1) }),
      hasCode('payload_too_large'),
    );
    await invoker.start(name, { ...frame, rest: 'x'.repeat(room) });
    await waitUntil('the large payload', () => linesOf(frame.file).length > 0);
    assert.deepEqual(linesOf(frame.file), ['large']);
  },

  async 'starts a function without waiting for it'({ invoker, name, folder }) {
    const [file, release] = [path.join(folder, 'out'), path.join(folder, 'release')];
    await invoker.start(name, { do: 'append-when-released', file, release, line: 'one' });
    assert.deepEqual(linesOf(file), []);

    await invoker.call(name, { do: 'append', file: release, line: 'go' });

    await waitUntil('the started function', () => linesOf(file).length > 0);
    assert.deepEqual(linesOf(file), ['one']);
  },

  async 'runs a started function again where it failed, and then no more'(subject) {
    const { invoker, name, folder } = subject;
    const file = path.join(folder, 'tries');
    await invoker.start(name, { do: 'fail-once', file });

    await waitUntil('a second try', () => linesOf(file).length === 2);

    const last = path.join(folder, 'last');
    await invoker.start(name, { do: 'append', file: last, line: 'last' });
    await waitUntil('a later call', () => linesOf(last).length === 1);
    assert.deepEqual(linesOf(file), ['failed', 'succeeded']);
  },

  async 'runs many calls at once'({ invoker, name, folder }) {
    const meeting = path.join(folder, 'meeting');
    const calls = Array.from({ length: 4 }, (_, index) =>
      invoker.call(name, { do: 'meet', file: meeting, line: String(index), people: 4 }),
    );

    const answers = await Promise.all(calls);

    assert.deepEqual(answers, Array(4).fill({ met: 4 }));
  },
};
