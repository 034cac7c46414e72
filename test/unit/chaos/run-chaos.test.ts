import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { PlacedWorker } from '#adapters/local/process-queue-options.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ChaosSettings } from '../../../functions/local/chaos/chaos-settings.ts';
import { prepareChaos } from '../../../functions/local/chaos/run-chaos.ts';
import { hasCode } from '../../contract/contract-expectations.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

function worker(index: number): PlacedWorker {
  return { name: 'n', arrayIndex: index, attempt: 1, instanceId: `i-${index}` };
}

/** Runs a rehearsal on a clock of its own, on a queue that writes down what is asked of it. */
async function rehearse(settings: Partial<ChaosSettings>, stopAtMillis: number) {
  const chaos = await prepareChaos({
    source: { kind: 'seed', seed: 7 },
    speed: 1,
    meanMillis: 1_000,
    graceMillis: 250,
    ...settings,
  });
  const stop = new AbortController();
  let nowMillis = 0;
  const clock: Clock = {
    epochMillis: () => nowMillis,
    monotonicMillis: () => nowMillis,
    sleep: async (millis) => {
      nowMillis += millis;
      if (nowMillis >= stopAtMillis) stop.abort();
    },
  };
  const asked: string[] = [];
  const events: unknown[] = [];
  await chaos({
    queue: {
      running: () => [worker(0), worker(1), worker(2)],
      reclaim: ({ instanceId }, graceMillis) => {
        asked.push(`${Math.round(nowMillis)} ${instanceId} ${graceMillis}`);
      },
      setCapacity: (nodes) => {
        asked.push(`${Math.round(nowMillis)} ${nodes}`);
        return [];
      },
    },
    clock,
    log: ({ event }) => events.push(event),
    stop: stop.signal,
  });
  return { asked, events };
}

test('a seed reclaims the same workers at the same times in each run', async () => {
  const first = await rehearse({}, 60_000);
  const second = await rehearse({}, 60_000);

  assert.deepEqual(first, second);
  assert.ok(first.asked.length > 40 && first.asked.length < 80, `${first.asked.length} in 60 s`);
  assert.ok(first.asked.every((line) => / i-[012] 250$/.test(line)));
  assert.equal(first.events[0], 'chaos_started');
  assert.equal(
    first.events.filter((event) => event === 'chaos_reclaim').length,
    first.asked.length,
  );
});

test('a trace sets the capacity at its own times, divided by the speed, over and over', async (t) => {
  const file = join(await temporaryFolder(t), 'trace.csv');
  await writeFile(file, 'trace_id,duration_s,nodes_available\na,10,2\nb,1,1\na,20,0\na,30,4\n');
  const source = { kind: 'trace', file, traceId: undefined } as const;

  const { asked } = await rehearse({ source, speed: 10 }, 7_500);

  assert.deepEqual(asked, ['0 2', '1000 0', '3000 4', '6000 2', '7000 0']);
});

test('a trace that is not there is refused before anything starts', async (t) => {
  const file = join(await temporaryFolder(t), 'absent.csv');
  const source = { kind: 'trace', file, traceId: undefined } as const;

  await assert.rejects(rehearse({ source }, 1), hasCode('invalid_setting'));
});
