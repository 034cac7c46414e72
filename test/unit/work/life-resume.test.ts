import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '#core/contract/limits.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { runSeed, seededRandom } from '../../fixtures/harness/random.ts';
import { startMemoryDeployment, WorkerExit } from '../../fixtures/life/memory-deployment.ts';
import {
  keysBelow,
  recordOf,
  rowsOf,
  serviceOf,
  settle,
  submitRows,
  tenant,
  textOf,
  viewOf,
} from '../../fixtures/life/settle.ts';

/** A deployment whose model waits after some calls until it is let go on. */
function pausingDeployment(callsBeforePause: number) {
  const gate = Promise.withResolvers<void>();
  const paused = Promise.withResolvers<void>();
  const texts: string[] = [];
  const deployment = startMemoryDeployment({
    workers: 1,
    beforeRun: async (_jobId, batch) => {
      if (texts.length > 0 && calls >= callsBeforePause) {
        paused.resolve();
        await gate.promise;
      }
      calls += 1;
      texts.push(...batch);
    },
  });
  let calls = 0;
  return { deployment, texts, paused: paused.promise, letGo: () => gate.resolve() };
}

async function refusal(action: Promise<unknown>): Promise<SwitchyardError> {
  const error = await action.then(
    () => assert.fail('it was not refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof SwitchyardError, String(error));
  return error;
}

test('a cancelled job keeps its work, is read in order, and a resume does only the rest', async () => {
  const { deployment, texts, paused, letGo } = pausingDeployment(3);
  const service = serviceOf(deployment);
  const items = rowsOf(100);
  const { id } = await submitRows(deployment, items);
  const settling = settle(deployment, id);
  await paused;

  await service.cancel({ tenant, jobId: id });
  assert.equal((await refusal(service.resume({ tenant, jobId: id }))).code, 'job_not_finished');
  assert.equal((await viewOf(deployment, id)).status, 'cancelling');
  letGo();
  const cancelled = await settling;

  assert.equal(cancelled.status, 'cancelled');
  assert.ok(cancelled.counts.completed > 0 && cancelled.counts.completed < 100);
  assert.equal(cancelled.counts.completed, texts.length);
  const lines = await service.locate({ tenant, jobId: id, part: 'results', partial: false });
  assert.ok(lines.kind === 'lines' && !lines.isComplete);
  const partial = new TextDecoder().decode(lines.bytes);
  assert.equal(partial.split('\n').length - 1, cancelled.counts.completed);

  const resumed = await service.resume({ tenant, jobId: id });
  assert.ok(['queued', 'running'].includes(resumed.status), resumed.status);
  assert.equal(resumed.resumes, 1);
  const completed = await settle(deployment, id);

  assert.equal(completed.status, 'completed');
  assert.deepEqual(completed.counts, { total: 100, completed: 100, failed: 0 });
  assert.equal(texts.length, 100, 'no row was run twice');
  const job = await recordOf(deployment, id);
  const whole = await textOf(deployment, job.output.prefix + outputFiles.results);
  assert.ok(whole.startsWith(partial), 'what was read before is the beginning of the whole');
  assert.equal((await refusal(service.resume({ tenant, jobId: id }))).code, 'job_not_resumable');
});

test('a failed job is resumed and its mark of failure goes', async () => {
  let isBroken = true;
  const deployment = startMemoryDeployment({
    workers: 1,
    beforeRun: () => {
      if (isBroken) throw new WorkerExit(64);
    },
  });
  const { id } = await submitRows(deployment, rowsOf(10));
  const failed = await settle(deployment, id);
  assert.deepEqual([failed.status, failed.error?.code], ['failed', 'provider_unavailable']);
  const { output } = await recordOf(deployment, id);
  const service = serviceOf(deployment);
  const ask = { tenant, jobId: id, part: 'results' } as const;
  assert.equal((await refusal(service.locate({ ...ask, partial: false }))).code, 'job_failed');
  assert.equal((await service.locate({ ...ask, partial: true })).isComplete, false);

  isBroken = false;
  await Promise.all(Array.from({ length: 5 }, () => service.resume({ tenant, jobId: id })));
  const completed = await settle(deployment, id);

  assert.deepEqual([completed.status, completed.resumes], ['completed', 1]);
  const marks = (await keysBelow(deployment, output.prefix)).map((key) => key.split('/').at(-1));
  assert.ok(marks.includes('_SUCCESS') && !marks.includes('_FAILED'), marks.join());
});

test('a resume that was cut off after its first write is completed by the reconciler', async () => {
  const { deployment, paused, letGo } = pausingDeployment(1);
  const { id } = await submitRows(deployment, rowsOf(50));
  const settling = settle(deployment, id);
  await paused;
  await serviceOf(deployment).cancel({ tenant, jobId: id });
  letGo();
  assert.equal((await settling).status, 'cancelled');

  await deployment.ports.objectStore.put(jobKeys.active(id, 1), new Uint8Array(0));
  const view = await settle(deployment, id);

  assert.deepEqual([view.status, view.resumes], ['completed', 1]);
});

/** Cancels at that call of the model, resumes; true where work had been committed by then. */
async function cancelAndResume(
  cancelAtCall: number,
  job: { readonly items: readonly { readonly text: string }[]; readonly expected: string },
): Promise<boolean> {
  let calls = 0;
  let cancelling: Promise<unknown> = Promise.resolve();
  const deployment = startMemoryDeployment({
    workers: 2,
    beforeRun: () => {
      calls += 1;
      if (calls === cancelAtCall) cancelling = serviceOf(deployment).cancel({ tenant, jobId: id });
    },
  });
  const { id } = await submitRows(deployment, job.items);
  if (cancelAtCall === 0) await serviceOf(deployment).cancel({ tenant, jobId: id });
  const first = await settle(deployment, id);
  await cancelling;
  if (first.status === 'cancelled') {
    await serviceOf(deployment).resume({ tenant, jobId: id });
    assert.equal((await settle(deployment, id)).status, 'completed');
  }
  const { output } = await recordOf(deployment, id);
  assert.equal(await textOf(deployment, output.prefix + outputFiles.results), job.expected);
  assert.deepEqual(await keysBelow(deployment, jobKeys.actives), []);
  return first.status === 'cancelled' && first.counts.completed > 0;
}

test('6.3 #21 a job cancelled at any moment and resumed gives the bytes of an undisturbed one', async (t) => {
  const seed = runSeed();
  const random = seededRandom(seed);
  const undisturbed = startMemoryDeployment({ workers: 2 });
  const items = rowsOf(60);
  const reference = await recordOf(undisturbed, (await submitRows(undisturbed, items)).id);
  await settle(undisturbed, reference.id);
  const expected = await textOf(undisturbed, reference.output.prefix + outputFiles.results);
  const dose = 50;
  const moments = Array.from({ length: dose }, () => random.below(12));

  const midway = await Promise.all(
    moments.map((moment) => cancelAndResume(moment, { items, expected })),
  );

  t.diagnostic(
    `seed ${seed}: ${dose} cancels, ${midway.filter(Boolean).length} of them with work done; 0 rows lost or doubled`,
  );
});

test('partial lines of a running job end at the first gap; many become an object', async () => {
  const limits = { ...defaultLimits, resultBytes: 700 };
  const deployment = startMemoryDeployment({ workers: 1, limits });
  const { id } = await submitRows(deployment, rowsOf(60));
  const view = await settle(deployment, id);
  assert.equal(view.status, 'completed');
  const { output } = await recordOf(deployment, id);
  const whole = await textOf(deployment, output.prefix + outputFiles.results);
  const { objectStore } = deployment.ports;
  // As if it still ran: no end yet, and one cell missing.
  await objectStore.delete(jobKeys.end(id));
  const parts = await keysBelow(deployment, `work/jobs/${id}/parts/`);
  assert.ok(parts.length > 4);
  await objectStore.delete(parts[4] ?? '');
  const ask = { tenant, jobId: id, part: 'results', partial: true } as const;

  const many = await serviceOf(deployment).locate(ask);
  await objectStore.delete(parts[1] ?? '');
  const few = await serviceOf(deployment).locate(ask);

  assert.ok(many.kind === 'object' && !many.isComplete);
  const joined = await textOf(deployment, many.key);
  assert.ok(whole.startsWith(joined) && joined.length > 700 && joined.length < whole.length);
  assert.ok(few.kind === 'lines' && !few.isComplete);
  const lines = new TextDecoder().decode(few.bytes);
  assert.ok(whole.startsWith(lines) && lines.length > 0 && joined.startsWith(lines));
  const early = await refusal(serviceOf(deployment).locate({ ...ask, partial: false }));
  assert.equal(early.code, 'job_not_finished');
});

test('invalid rows are named with their lines before a model runs, and fail the job on request', async () => {
  let calls = 0;
  const deployment = startMemoryDeployment({
    workers: 1,
    beforeRun: () => {
      calls += 1;
    },
  });
  const items = Array.from({ length: 60 }, (_, at) => ({ text: at % 2 === 0 ? 'fine' : '' }));

  const recorded = await submitRows(deployment, items, { onInvalid: 'record' });
  const strict = await submitRows(deployment, items, { onInvalid: 'fail' });
  const failed = await settle(deployment, strict.id);
  assert.equal(calls, 0, 'no model ran');
  const completed = await settle(deployment, recorded.id);

  assert.deepEqual(completed.counts, { total: 60, completed: 30, failed: 30 });
  assert.equal(completed.validation?.errors, 30);
  assert.equal(completed.validation.first.length, 20);
  const [first, second] = completed.validation.first;
  assert.deepEqual([first?.line, first?.code, second?.line], [2, 'invalid_row', 4]);
  assert.deepEqual([failed.status, failed.error?.code], ['failed', 'invalid_rows']);
  assert.match(failed.error?.detail ?? '', /30 rows are not valid.*line 2/);
  assert.deepEqual(failed.validation, completed.validation);
  assert.deepEqual(failed.counts, { total: 60, completed: 0, failed: 0 });
  const { output } = await recordOf(deployment, strict.id);
  const mark = JSON.parse(await textOf(deployment, output.prefix + outputFiles.failed));
  assert.equal(mark.validation.errors, 30);
  const again = await refusal(serviceOf(deployment).resume({ tenant, jobId: strict.id }));
  assert.equal(again.code, 'job_not_resumable');
});
