import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readAvailabilityTrace } from '#core/chaos/availability-trace.ts';
import { type PlannedKill, scheduleKills } from '#core/chaos/kill-schedule.ts';
import { hasCode } from '../../contract/contract-expectations.ts';
import { recordedTraces } from '../../fixtures/harness/spot-traces.ts';
import { generatedTrace, generateTraces } from '../../fixtures/traces/generate-trace.ts';

function firstKills(count: number, schedule: Parameters<typeof scheduleKills>[0]): PlannedKill[] {
  const kills = scheduleKills(schedule);
  return Array.from({ length: count }, () => kills.next().value);
}

test('a seed gives the same kills each time, another seed gives others', () => {
  const first = (seed: number) => firstKills(50, { seed, meanMillis: 1_000 });

  assert.deepEqual(first(7), first(7));
  assert.notDeepEqual(first(7), first(8));
});

test('intervals between kills are exponential with the mean that was set', () => {
  const kills = firstKills(20_000, { seed: 3, meanMillis: 400 });

  const mean = kills.reduce((sum, { afterMillis }) => sum + afterMillis, 0) / kills.length;
  const above = kills.filter(({ afterMillis }) => afterMillis > 400).length / kills.length;
  assert.ok(Math.abs(mean - 400) < 12, `mean ${mean}`);
  assert.ok(Math.abs(above - Math.exp(-1)) < 0.015, `${above} are above the mean`);
  assert.ok(kills.every(({ share }) => share >= 0 && share < 1));
});

test('a trace is read by its id, the first one where none is given', () => {
  const csv = [
    'zone,trace_id,duration_s,nodes_available',
    'a,first,34,0',
    'b,second,10,16',
    'a,first,1190.5,1',
    '',
  ].join('\r\n');

  assert.deepEqual(readAvailabilityTrace(csv), {
    id: 'first',
    runs: [
      { durationSeconds: 34, nodes: 0 },
      { durationSeconds: 1190.5, nodes: 1 },
    ],
  });
  assert.equal(readAvailabilityTrace(`\uFEFF${csv}`, 'second').runs.length, 1);
  assert.throws(() => readAvailabilityTrace(csv, 'third'), hasCode('invalid_setting'));
});

test('a file that is no trace is refused with its line', () => {
  const header = 'trace_id,duration_s,nodes_available\n';
  for (const csv of ['', 'a,b\n1,2\n', header]) {
    assert.throws(() => readAvailabilityTrace(csv), hasCode('invalid_setting'));
  }
  for (const row of ['t,-1,1', 't,5,1.5', 't,5', 't,x,1', 't,5,']) {
    assert.throws(() => readAvailabilityTrace(`${header}t,5,1\n${row}\n`), /Line 3/);
  }
});

test('the generated trace in the fixtures is what its generator writes', () => {
  assert.equal(readFileSync(generatedTrace, 'utf8'), generateTraces(7));
  const { runs } = readAvailabilityTrace(generateTraces(7), 'generated-7/4-node/zone-b');

  assert.equal(runs.length, 240);
  const capacities = new Set(runs.map(({ nodes }) => nodes));
  assert.deepEqual([...capacities].sort(), [0, 1, 2, 3, 4]);
  assert.ok(
    runs.every(({ nodes }, at) => nodes !== runs[at - 1]?.nodes),
    'each run is a change',
  );
});

test('every recorded trace can be read', () => {
  const recorded = recordedTraces();
  if (recorded.length === 0) console.log('no recorded traces: reads the generated ones');
  let traces = 0;
  for (const file of recorded.length === 0 ? [generatedTrace] : recorded) {
    const csv = readFileSync(file, 'utf8');
    for (const id of new Set(csv.match(/(?<=\n)[^,\n]+/g))) {
      assert.ok(readAvailabilityTrace(csv, id).runs.length > 0);
      traces += 1;
    }
  }
  console.log(`${traces} traces read`);
  assert.equal(traces, recorded.length === 0 ? 2 : 34);
});
