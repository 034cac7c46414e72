import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { createObjectLedger } from '#adapters/aws/object-ledger.ts';
import { createSignedUploadLinks } from '#adapters/local/signed-object-links.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import { isTerminal, type JobStatus } from '#core/contract/job-view.ts';
import { defaultLimits } from '#core/contract/limits.ts';
import type { Operation } from '#core/contract/routes.ts';
import { ledgerRow } from '#core/cost/ledger-row.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { createDropJob } from '#work/accept/create-drop-job.ts';
import { openJobService } from '#work/open-job-service.ts';
import { reconcileJob } from '#work/reconcile/reconcile-job.ts';
import {
  type MemoryDeployment,
  startMemoryDeployment,
} from '../../fixtures/life/memory-deployment.ts';
import { type Call, handlerHarness } from './handler-harness.ts';

/** What a tenant has that no other may reach. */
export interface Acme {
  /** Jobs that completed, over HTTP and dropped, one that was cancelled; of the default tenant too. */
  readonly jobs: readonly {
    readonly id: string;
    readonly status: JobStatus;
    readonly tenant: string;
  }[];
  /** `POST /jobs` of the first of them. */
  readonly request: { readonly body: object; readonly headers: Readonly<Record<string, string>> };
  /** `next` of a page of its list. */
  readonly cursor: string;
  /** Inputs that are there, with one beside each that is not. */
  readonly inputs: readonly { readonly there: string; readonly absent: string }[];
  /** Of a file that it sent by `POST /uploads`. */
  readonly sha256: string;
  /** Keys for which links were given to anybody. */
  readonly linked: readonly string[];
}

/** Calls routes with the key of one tenant. */
export interface Caller {
  call(operation: Operation, request?: Call): Promise<Answer>;
  /** Puts an object into the data bucket, past the API. */
  put(key: string, text: string): Promise<void>;
  as(tenant: string): Caller;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  // Bodies differ from route to route; each test names the members that it looks at.
  // biome-ignore lint/suspicious/noExplicitAny: an answer has no narrower type
  readonly json: any;
}

const content = '{"text":"a gripping film"}\n{"text":"dull"}\n';
const sha256 = createHash('sha256').update(content).digest('hex');
const own = { kind: 'granted', sharedPrefixes: [], tenantPrefixes: {} } as const;

/** The handlers and jobs of a deployment on which `acme` has worked, and the tenant `other` beside it. */
export async function openTenants(
  t: TestContext,
): Promise<{ readonly acme: Acme; readonly other: Caller }> {
  const deployment = startMemoryDeployment({ inputRules: own });
  const { objectStore, settings } = deployment.ports;
  const linked: string[] = [];
  const ledger = createObjectLedger({ objectStore });
  const harness = await handlerHarness(t, {
    objectStore,
    jobs: openJobService(deployment.ports, () => undefined),
    // Every result is above it and given as a link.
    limits: { ...defaultLimits, resultBytes: 8 },
    objectLinks: { linkTo: async (key) => `http://localhost/${linked.push(key)}` },
    uploadLinks: createSignedUploadLinks({
      ...{ secret: settings.secret, baseUrl: () => 'http://localhost', clock: systemClock },
    }),
    costs: {
      ...{ ledger, region: 'us-east-1', architecture: 'x86_64' },
      catalogue: () => openShippedPrices({ today: '2026-11-24' }),
    },
  });
  const as = (tenant: string): Caller => ({
    call: async (operation, request = {}) => {
      // Requests of the harness have one id, which would make them one job.
      const headers = { 'idempotency-key': crypto.randomUUID(), ...request.headers };
      const { statusCode, body } = await harness.call(operation, { ...request, headers, tenant });
      return { status: statusCode, text: body, json: body === '' ? undefined : JSON.parse(body) };
    },
    put: async (key, text) => void (await objectStore.put(`bucket/${key}`, Buffer.from(text))),
    as,
  });
  const other = as('other');
  const acme = await workAs(as('acme'), deployment);
  ledger.append(rowOf('acme', acme.jobs[0]?.id ?? ''));
  await ledger.flush();
  return { acme: { ...acme, linked }, other };
}

async function workAs(caller: Caller, deployment: MemoryDeployment): Promise<Omit<Acme, 'linked'>> {
  const upload = `uploads/acme/${sha256}/reviews.jsonl`;
  await caller.put(upload, content);
  const request = {
    body: { input: `s3://local/${upload}` },
    headers: { 'idempotency-key': 'same-for-everybody' },
  };
  const first = (await caller.call('createJob', request)).json.id;
  const stopped = (await caller.call('createJob', { body: { items: [{ text: 'a' }] } })).json.id;
  await caller.call('cancelJob', { id: stopped });
  const drops = ['inboxes/acme/sst2-minilm/a.jsonl', 'inbox/sst2-minilm/a.jsonl'];
  for (const drop of drops) await caller.put(drop, content);
  const dropped = await Promise.all(drops.map((key) => dropJob(deployment, key)));
  const jobs = [
    { id: first, tenant: 'acme' },
    { id: stopped, tenant: 'acme' },
    { id: dropped[0] ?? '', tenant: 'acme' },
    { id: dropped[1] ?? '', tenant: 'local' },
  ];
  const ended = [];
  for (const job of jobs) ended.push({ ...job, status: await settled(deployment, job) });
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['completed', 'cancelled', 'completed', 'completed'],
  );
  const there = [
    ...[upload, ...drops, `outbox/sst2-minilm/${first}/results.jsonl`],
    ...['outbox/sst2-minilm/a.jsonl/', 'outboxes/acme/sst2-minilm/a.jsonl/errors.jsonl'],
    ...['uploads/acme/', 'uploads/', 'inboxes/acme/', 'inboxes/', 'inbox/', 'outbox/'],
  ];
  const page = await caller.call('listJobs', { query: 'limit=1' });
  return {
    jobs: ended,
    request,
    cursor: page.json.next,
    inputs: there.map((name) => ({ there: name, absent: name.replace(/(\/?)$/, '-none$1') })),
    sha256,
  };
}

async function dropJob({ ports }: MemoryDeployment, name: string): Promise<string> {
  const key = `bucket/${name}`;
  const version = (await ports.objectStore.head(key))?.etag ?? '';
  return (await createDropJob(ports, { key, version })).job.id;
}

async function settled(
  { ports, queue }: MemoryDeployment,
  job: { readonly id: string; readonly tenant: string },
): Promise<JobStatus> {
  const service = openJobService(ports, () => undefined);
  for (let round = 0; round < 20; round += 1) {
    await reconcileJob(ports, job.id);
    await queue.idle();
    const { status } = await service.describe({ tenant: job.tenant, jobId: job.id });
    if (isTerminal(status)) return status;
  }
  return assert.fail(`${job.id} has not ended after 20 rounds`);
}

function rowOf(tenant: string, job: string) {
  return ledgerRow({
    ...{ id: `${job}/1`, source: 'attempt', tenant, model: 'sst2-minilm', lane: 'cpu-fleet', job },
    ...{ region: 'us-east-1', items: 2, tokens: 9, basis: 'estimate' },
    at: new Date().toISOString(),
    lines: [{ item: 'lambda requests', kind: 'useful', quantity: 1, unit: 'request', usd: '0.1' }],
  });
}
