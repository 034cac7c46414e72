import assert from 'node:assert/strict';
import { closeSync, openSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createFolderInputSnapshots } from '#adapters/local/folder-input-snapshots.ts';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { createJob } from '#work/accept/create-job.ts';
import type { JobPorts } from '#work/job-ports.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import { runSeed, seededRandom } from '../../fixtures/harness/random.ts';
import { testModel } from '../../fixtures/life/memory-deployment.ts';
import { tenant, textOf, viewOf } from '../../fixtures/life/settle.ts';
import { filesOf, openDeployment, work } from './real-jobs.ts';

const rows = 60;
// Of one size, and no line of the one can be a line of the other: the labels differ.
const versions = ['even', 'odd!!'].map((word) => {
  const line = (at: number) => {
    const text = `${word} ${String(at).padStart(3, '0')}`;
    return `${JSON.stringify({ id: word, text, pad: '.'.repeat(10 - 2 * word.length) })}\n`;
  };
  return Buffer.from(Array.from({ length: rows }, (_, at) => line(at)).join(''));
});
const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = versions;

type Way = 'in place' | 'by rename' | 'of the pinned copy';
const ways: readonly Way[] = ['in place', 'by rename', 'of the pinned copy'];

function overwrite(file: string, how: 'in place' | 'by rename'): void {
  if (how === 'by rename') {
    writeFileSync(`${file}.new`, second);
    renameSync(`${file}.new`, file);
    return;
  }
  const handle = openSync(file, 'r+');
  writeSync(handle, second, 0, second.length, 0);
  closeSync(handle);
}

/** Runs a job whose input is overwritten before the given call of its model. */
async function changeMidJob(
  world: { readonly folder: string; readonly store: ObjectStore; readonly round: number },
  change: { readonly way: Way; readonly call: number },
): Promise<'first' | 'object_changed'> {
  const deployment = openDeployment(world.store);
  const ports = {
    ...deployment.ports,
    inputSnapshots: createFolderInputSnapshots({ folder: world.folder }),
  };
  const key = `uploads/rows-${world.round}.jsonl`;
  const file = path.join(world.folder, 'bucket', key);
  await mkdir(path.dirname(file), { recursive: true });
  writeFileSync(file, first);
  const body = { model: 'sst2-minilm', input: `s3://local/${key}`, options: {} };
  const { job } = await createJob(ports, { tenant, requestId: `round ${world.round}`, body });
  const pinned = path.join(world.folder, job.input.files[0]?.key ?? '');
  let calls = 0;
  const model = testModel(() => {
    calls += 1;
    if (calls !== change.call) return;
    if (change.way === 'of the pinned copy') overwrite(pinned, 'in place');
    else overwrite(file, change.way);
  });
  await work({ ports }, job.id, { model });
  assert.ok(calls >= change.call, 'the input was overwritten while the job ran');
  const view = await viewOf({ ...deployment, ports }, job.id);
  if (view.status === 'failed') {
    assert.equal(view.error?.code, 'object_changed');
    assert.ok((view.error?.detail ?? '').length > 10);
    const mark = JSON.parse(await textOf(deployment, `${job.output.prefix}_FAILED`));
    assert.equal(mark.code, 'object_changed');
    return 'object_changed';
  }
  const { results, errors } = await filesOf(deployment, job.id);
  const lines = results.trimEnd().split('\n');
  assert.deepEqual([lines.length, errors], [rows, '']);
  assert.ok(
    lines.every((line) => line.includes('"id":"even"')),
    'wholly the pinned version',
  );
  return 'first';
}

test('6.3 #13 an input that is overwritten mid-job is the pinned version wholly, or the job fails', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const folder = await temporaryFolder(t);
  const store = await openFolderObjectStore({ folder });
  assert.equal(first.length, second.length);
  const ends: string[] = [];
  const dose = 20;
  for (let round = 0; round < dose; round += 1) {
    const way = ways[round % ways.length] ?? 'in place';
    const end = await changeMidJob({ folder, store, round }, { way, call: 1 + random.below(5) });
    if (way !== 'of the pinned copy') assert.equal(end, 'first', way);
    ends.push(`${way}: ${end}`);
  }
  const counts = Object.groupBy(ends, (end) => end);
  const told = Object.entries(counts).map(([end, all]) => `${end} ${all?.length}`);
  t.diagnostic(`6.3 #13: seed ${seed}, ${dose} jobs; ${told.join(', ')}; 0 mixtures`);
});

/** Submits a job and replaces its input some turns of the event loop later. */
async function replaceDuringSubmission(
  ports: JobPorts,
  file: string,
  turns: number,
): Promise<'refused' | 'first' | 'second'> {
  writeFileSync(file, first);
  const body = { model: 'sst2-minilm', input: 's3://local/uploads/rows.jsonl', options: {} };
  const creating = createJob(ports, { tenant, requestId: `turn ${turns}`, body }).catch(
    (error: unknown) => {
      assert.ok(error instanceof SwitchyardError && error.code === 'object_changed', `${error}`);
      return undefined;
    },
  );
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  overwrite(file, 'by rename');
  const created = await creating;
  if (created === undefined) return 'refused';
  const pinned = await ports.objectStore.read(created.job.input.files[0]?.key ?? '');
  const isFirst = first.equals(pinned ?? new Uint8Array(0));
  assert.ok(isFirst || second.equals(pinned ?? new Uint8Array(0)), 'a mixture');
  return isFirst ? 'first' : 'second';
}

test('6.3 #13 an input that is replaced while it is submitted is one version or refused', async (t) => {
  const folder = await temporaryFolder(t);
  const deployment = openDeployment(await openFolderObjectStore({ folder }));
  const inputSnapshots = createFolderInputSnapshots({ folder });
  const ports = { ...deployment.ports, inputSnapshots };
  const file = path.join(folder, 'bucket/uploads/rows.jsonl');
  await mkdir(path.dirname(file), { recursive: true });
  const seen: string[] = [];
  for (let round = 0; round < 20; round += 1) {
    seen.push(await replaceDuringSubmission(ports, file, 2 * round ** 2));
  }
  t.diagnostic(`6.3 #13: 20 submissions: ${seen.join(', ')}`);
});
