import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLocalSettings } from '../../../functions/local/settings.ts';
import { readStartArguments } from '../../../functions/local/start-arguments.ts';
import { hasCode } from '../../contract/contract-expectations.ts';

function chaosOf(variables: Readonly<Record<string, string>>) {
  return readLocalSettings(variables, '/models').chaos;
}

test('a whole number is a seed and anything else a file, with the id of a trace behind #', () => {
  assert.deepEqual(chaosOf({ SWITCHYARD_CHAOS: '7' })?.source, { kind: 'seed', seed: 7 });
  assert.deepEqual(chaosOf({ SWITCHYARD_CHAOS: 'spot.csv' })?.source, {
    kind: 'trace',
    file: 'spot.csv',
    traceId: undefined,
  });
  assert.deepEqual(chaosOf({ SWITCHYARD_CHAOS: '../t/spot.csv#aws/4-node/z' })?.source, {
    kind: 'trace',
    file: '../t/spot.csv',
    traceId: 'aws/4-node/z',
  });
  assert.equal(chaosOf({ SWITCHYARD_CHAOS: '4294967296' })?.source.kind, 'trace');
  assert.equal(chaosOf({}), undefined);
});

test('the arguments of npm start mean the same as the variables', () => {
  const args = ['--chaos', '7', '--chaos-mean', '0.5', '--chaos-grace=0', '--chaos-speed', '100'];

  assert.deepEqual(chaosOf(readStartArguments(args)), {
    source: { kind: 'seed', seed: 7 },
    speed: 100,
    meanMillis: 500,
    graceMillis: 0,
  });
  assert.deepEqual(readStartArguments([]), {});
  assert.throws(() => readStartArguments(['--choas', '7']), /--choas/);
  assert.throws(() => readStartArguments(['7']), /argument/);
});

test('settings of a rehearsal that make no sense are refused by name', () => {
  for (const [name, value] of [
    ['SWITCHYARD_CHAOS_SPEED', '0'],
    ['SWITCHYARD_CHAOS_MEAN_SECONDS', '-1'],
    ['SWITCHYARD_CHAOS_GRACE_MILLIS', '1.5'],
    ['SWITCHYARD_WORKER_ATTEMPTS', '11'],
    ['SWITCHYARD_RUNNABLE_LIMIT_SECONDS', '0'],
  ] as const) {
    const read = () => readLocalSettings({ SWITCHYARD_CHAOS: '7', [name]: value }, '/models');
    assert.throws(read, hasCode('invalid_setting'));
    assert.throws(read, new RegExp(name));
  }
});
