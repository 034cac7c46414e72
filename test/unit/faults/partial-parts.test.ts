import assert from 'node:assert/strict';
import { mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { openFolderObjectStore } from '#adapters/local/folder-object-store.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import { decodePartFooter, encodePart, FOOTER_READ_BYTES } from '#core/jobs/part-format.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';
import { testModel, WorkerExit } from '../../fixtures/life/memory-deployment.ts';
import { keysBelow } from '../../fixtures/life/settle.ts';
import {
  bytesOf,
  filesOf,
  openDeployment,
  partKeys,
  submitJob,
  undisturbedFiles,
  work,
} from './real-jobs.ts';

const PART_BYTES = 65_536;

async function realFooter() {
  const deployment = openDeployment();
  const jobId = await submitJob(deployment);
  await work(deployment, jobId);
  const key = (await partKeys(deployment, jobId))[0] ?? assert.fail('no part');
  const bytes = await bytesOf(deployment, key);
  return decodePartFooter({ tail: bytes, sizeBytes: bytes.length, key });
}

function isCommitted(part: Uint8Array): boolean {
  try {
    const tail = part.subarray(Math.max(0, part.length - FOOTER_READ_BYTES));
    decodePartFooter({ tail, sizeBytes: part.length, key: 'work/part' });
    return true;
  } catch (error) {
    assert.match(String((error as { code?: string }).code), /^corrupt_object$/);
    return false;
  }
}

test('6.3 #11 a part of 64 KiB that ends early is never read as committed', async (t) => {
  const footer = await realFooter();
  const footerBytes = encodePart({
    results: new Uint8Array(0),
    errors: new Uint8Array(0),
    footer,
  }).length;
  const results = Buffer.alloc(PART_BYTES - footerBytes - 300, '{"index":0}\n');
  const section = { ...footer.results, sizeBytes: results.length };
  const errors = new Uint8Array(0);
  const emptyErrors = { ...footer.errors, sizeBytes: 0 };
  const whole = encodePart({
    results,
    errors,
    footer: { ...footer, results: section, errors: emptyErrors },
  });
  assert.ok(isCommitted(whole));
  const cuts = Array.from({ length: 16 }, (_, block) => block * 4_096);
  for (let at = results.length; at < whole.length; at += 1) cuts.push(at);
  for (const at of cuts) {
    assert.ok(!isCommitted(whole.subarray(0, at)), `cut at ${at}`);
    // A file system may keep the length and lose the bytes.
    const holed = Buffer.concat([whole.subarray(0, at), Buffer.alloc(whole.length - at)]);
    assert.ok(!isCommitted(holed), `zeros from ${at}`);
  }
  t.diagnostic(`6.3 #11: ${whole.length} bytes, ${cuts.length} cuts, each with and without zeros`);
});

test('6.3 #11 temporary files and truncated parts of a dead process are done again, never merged', async (t) => {
  const expected = await undisturbedFiles();
  const folder = await temporaryFolder(t);
  const cuts = [0, 0.3, 0.6, 0.999];
  for (const share of cuts) {
    const deployment = openDeployment(await openFolderObjectStore({ folder }));
    const jobId = await submitJob(deployment);
    let calls = 0;
    const dying = testModel(() => {
      calls += 1;
      if (calls === 4) throw new WorkerExit(137);
    });
    await assert.rejects(work(deployment, jobId, { model: dying }));
    const [victim = assert.fail('no part')] = await partKeys(deployment, jobId);
    const file = path.join(folder, victim);
    const whole = await readFile(file);
    const half = whole.subarray(0, Math.floor(share * whole.length));
    await mkdir(path.join(folder, '.tmp'), { recursive: true });
    await writeFile(path.join(folder, '.tmp', `4711-${share}`), half);
    await truncate(file, half.length);

    assert.equal(await work(deployment, jobId, { attempt: 2 }), 'finished');

    assert.deepEqual(await filesOf(deployment, jobId), expected);
    assert.equal((await keysBelow(deployment, jobKeys.repairs(jobId))).length, 1);
    assert.ok(isCommitted(await readFile(file)));
  }
  t.diagnostic(`6.3 #11: ${cuts.length} truncated parts on a folder, each repaired once`);
});
