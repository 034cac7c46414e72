import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { CreateJobRequest } from '#core/contract/job.ts';
import type { JobView } from '#core/contract/job-view.ts';
import type { JobStarter, StartJobRequest } from '#core/ports/job-starter.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';
import { hasCode } from './contract-expectations.ts';

export interface OpenedJobStarter {
  readonly starter: JobStarter;
  /** The job as the service that keeps jobs describes it; throws `job_not_found`. */
  readonly find: (tenant: string, jobId: string) => Promise<JobView>;
}

/** What every way to start a job must do; the promises are in shared/core/ports/job-starter.ts. */
export function describeJobStarter(subject: ContractSubject<OpenedJobStarter>): void {
  describeContract(subject, cases);
}

const body: CreateJobRequest = {
  model: 'sst2-minilm',
  items: [{ text: 'a film' }, { text: 7, id: 'bad' }],
  options: {},
};

function request(members: Partial<StartJobRequest> = {}): StartJobRequest {
  return { tenant: 'acme', requestId: randomUUID(), body, ...members };
}

const cases: Record<string, ContractCase<OpenedJobStarter>> = {
  async 'makes a job that is there when the call resolves'({ starter, find }) {
    const { job, created } = await starter.create(request());

    assert.equal(created, true);
    const found = await find('acme', job.id);
    assert.equal(found.id, job.id);
    assert.equal(found.model, 'sst2-minilm');
    assert.equal(found.input, 'inline');
    assert.ok(found.bytes.total > 0);
  },

  async 'makes one job of one request, however often it is sent'({ starter }) {
    const sent = request();
    const [first, ...others] = await Promise.all([1, 2, 3].map(() => starter.create(sent)));

    assert.deepEqual(
      others.map(({ job }) => job.id),
      [first?.job.id, first?.job.id],
    );
    const another = await starter.create(request());
    assert.notEqual(another.job.id, first?.job.id);
    assert.equal((await starter.create(sent)).created, false);
  },

  async 'makes one job of one Idempotency-Key'({ starter }) {
    const idempotencyKey = randomUUID();
    const first = await starter.create(request({ idempotencyKey }));
    const again = await starter.create(request({ idempotencyKey }));

    assert.deepEqual([first.created, again.created], [true, false]);
    assert.equal(again.job.id, first.job.id);
    const other = request({ idempotencyKey, body: { ...body, items: [{ text: 'other' }] } });
    await assert.rejects(starter.create(other), hasCode('idempotency_key_reused'));
  },

  async 'keeps tenants apart, even with one key'({ starter, find }) {
    const idempotencyKey = randomUUID();
    const mine = await starter.create(request({ idempotencyKey }));
    const theirs = await starter.create(request({ idempotencyKey, tenant: 'other' }));

    assert.notEqual(theirs.job.id, mine.job.id);
    await assert.rejects(find('other', mine.job.id), hasCode('job_not_found'));
  },

  async 'tells the caller what it can mend, with its members'({ starter }) {
    const elsewhere = { model: 'sst2-minilm', input: 's3://elsewhere/a.csv', options: {} };
    await assert.rejects(starter.create(request({ body: elsewhere })), {
      name: 'SwitchyardError',
      code: 'invalid_request',
      members: { param: 'input' },
    });
    const unknown = request({ body: { ...body, model: 'nothing' } });
    await assert.rejects(starter.create(unknown), hasCode('model_not_found'));
  },
};
