import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Operation, routes } from '#core/contract/routes.ts';
import { type Acme, type Answer, type Caller, openTenants } from './two-tenants.ts';

// What tenant `other` gets for everything of tenant `acme`, over every route. Jobs, store and handlers
// are the real ones, and workers ran.

/** Asks for everything of acme's that a route could give away, and asserts that it does not. */
type Wall = (other: Caller, acme: Acme) => Promise<void>;

/**
 * Every route, so that a new one does not compile before somebody has said here what it could give away.
 * One whose path has a parameter must have a wall; `nothing` is for those that name nothing of a tenant's.
 */
const walls: Record<Operation, Wall | 'nothing'> = {
  getJob: hidden('getJob'),
  cancelJob: hidden('cancelJob'),
  resumeJob: hidden('resumeJob'),
  getJobResults: hidden('getJobResults', 'partial=true'),
  getJobErrors: hidden('getJobErrors', 'partial=true'),
  listJobs: showsOwnJobs,
  createJob: readsOwnInputs,
  createUpload: givesOwnPlace,
  getCosts: countsOwnWork,
  predict: startsOwnJob('predict', { text: 'a film', lane: 'cpu-fleet' }),
  predictBatch: startsOwnJob('predictBatch', { texts: ['a film'], lane: 'cpu-fleet' }),
  explainRoute: takesNoInput('explainRoute', { text: 'a film' }),
  createQuotes: takesNoInput('createQuotes', { items: 1, bytes: 9 }),
  listModels: 'nothing',
  getLimits: 'nothing',
  getHealth: 'nothing',
  getReady: 'nothing',
  getOpenApi: 'nothing',
  getDocs: 'nothing',
};

test('tenants are apart', async (t) => {
  const { acme, other } = await openTenants(t);

  for (const { operation, method, path } of routes) {
    await t.test(`${method} ${path} gives away nothing of another tenant`, async () => {
      const wall = walls[operation];
      if (wall !== 'nothing') return await wall(other, acme);
      assert.ok(!path.includes('{'), 'what its parameter could name needs a wall in this table');
    });
  }

  await t.test('after all that everything is as it was, and its tenant’s to see', async () => {
    assert.deepEqual(acme.linked, []);
    for (const { id, status, tenant } of acme.jobs) {
      assert.equal((await other.as(tenant).call('getJob', { id })).json.status, status);
    }
    const id = acme.jobs[0]?.id ?? '';
    assert.equal((await other.as('acme').call('getJobResults', { id })).status, 303);
    assert.deepEqual(acme.linked, [`bucket/outbox/sst2-minilm/${id}/results.jsonl`]);
  });

  await t.test('a caller whose name can be no tenant is refused', async () => {
    for (const name of ['..', 'a/b', 'acme/', '.acme', 'x'.repeat(65), 'acme\n', 'ä']) {
      for (const operation of ['listJobs', 'getJob', 'getCosts', 'createUpload'] as const) {
        const body = { filename: 'a.csv', bytes: 1 };
        const answer = await other.as(name).call(operation, { body, id: `job_${'0'.repeat(26)}` });
        assert.equal(answer.status, 403, `${operation} as ${name}: ${answer.text}`);
      }
    }
  });
});

/** The id of every job is answered as one that never was. */
function hidden(operation: Operation, query = ''): Wall {
  return async (other, { jobs }) => {
    for (const request of [{}, { query }]) {
      const none = await other.call(operation, { ...request, id: `job_${'0'.repeat(26)}` });
      assert.equal(none.json.code, 'job_not_found');
      for (const { id } of jobs) assertSame(await other.call(operation, { ...request, id }), none);
    }
  };
}

async function showsOwnJobs(other: Caller, { jobs, cursor }: Acme): Promise<void> {
  for (const query of ['', `after=${cursor}`, 'after=0', 'after=..', 'after=-', 'limit=100']) {
    const page = await other.call('listJobs', { query });
    assert.equal(page.status, 200, page.text);
    for (const { id } of jobs) assert.ok(!page.text.includes(id), query);
  }
}

/** Objects, prefixes and entries of manifests of another's are refused alike, there or not. */
async function readsOwnInputs(other: Caller, { inputs, request, jobs }: Acme): Promise<void> {
  const submit = (name: string, options: object = {}) =>
    other.call('createJob', { body: { input: `s3://local/${name}`, options } });
  const first = await submit('uploads/acme/none.jsonl');
  assert.deepEqual([first.status, first.json.code], [403, 'forbidden']);
  for (const { there, absent } of inputs) {
    for (const name of [there, absent]) {
      assertSame(await submit(name), first);
      assertSame(await submit(name, { manifest: true }), first);
      await other.put('uploads/other/m.csv', `local,${encodeURIComponent(name)}\n`);
      if (!name.endsWith('/')) {
        assertSame(await submit('uploads/other/m.csv', { manifest: true }), first);
      }
    }
  }
  assertSame(await other.call('createJob', request), first);
  // The key of another's request is no way to its job, or to learn that there is one.
  const { headers } = request;
  const same = await other.call('createJob', { headers, body: { items: [{ text: 'a' }] } });
  assert.equal(same.status, 202, same.text);
  assert.ok(jobs.every(({ id }) => id !== same.json.id));
  assert.equal((await other.as('acme').call('getJob', { id: same.json.id })).status, 404);
}

/** The same content has a place per tenant. */
async function givesOwnPlace(other: Caller, { sha256 }: Acme): Promise<void> {
  for (const more of [{}, { sha256 }]) {
    const body = { filename: 'reviews.jsonl', bytes: 9, ...more };
    const { status, json } = await other.call('createUpload', { body });
    assert.equal(status, 201);
    assert.match(json.input, /^s3:\/\/local\/uploads\/other\/[\w-]+\/reviews\.jsonl$/);
    assert.match(new URL(json.url).pathname, /^\/objects\/bucket\/uploads\/other\//);
  }
}

async function countsOwnWork(other: Caller): Promise<void> {
  const { json } = await other.call('getCosts');
  assert.deepEqual([json.jobs, json.attempts, json.items, json.usd], [0, 0, 0, '0']);
  assert.equal((await other.as('acme').call('getCosts')).json.usd, '0.1');
}

/** What a prediction becomes is a job of whoever asked. */
function startsOwnJob(operation: Operation, body: object): Wall {
  return async (other) => {
    const accepted = await other.call(operation, { body });
    assert.equal(accepted.status, 202, accepted.text);
    const { id } = accepted.json;
    assert.equal((await other.call('getJob', { id })).status, 200);
    assert.equal((await other.as('acme').call('getJob', { id })).status, 404);
  };
}

/** Nothing can be named whose size or being there an answer would tell. */
function takesNoInput(operation: Operation, body: object): Wall {
  return async (other, { inputs }) => {
    for (const { there, absent } of inputs) {
      const answers = [there, absent].map((name) =>
        other.call(operation, { body: { ...body, input: `s3://local/${name}` } }),
      );
      const [known, unknown] = await Promise.all(answers);
      assert.equal(known?.status, 400, known?.text);
      assert.deepEqual(known, unknown);
    }
  };
}

function assertSame(answer: Answer, expected: Answer): void {
  assert.deepEqual([answer.status, answer.json], [expected.status, expected.json]);
}
