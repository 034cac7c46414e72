import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type TestContext, test } from 'node:test';
import { createHttpNotifier } from '#adapters/local/http-notifier.ts';
import { jobOptionsSchema } from '#core/contract/job.ts';
import type { WebhookEvent } from '#core/contract/webhook-event.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { Notifier } from '#core/ports/notifier.ts';
import { deliverWebhooks } from '#work/finish/notify-webhook.ts';
import { webhookSecret } from '#work/finish/sign-webhook.ts';
import { startMemoryDeployment } from '../../fixtures/life/memory-deployment.ts';
import {
  keysBelow,
  rowsOf,
  serviceOf,
  settle,
  submitRows,
  tenant,
} from '../../fixtures/life/settle.ts';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on this machine that answers with these statuses in turn, then with 200. */
async function startReceiver(t: TestContext, statuses: readonly number[]) {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.statusCode = statuses[received.length] ?? 200;
    if (response.statusCode === 302) response.setHeader('location', '/elsewhere');
    received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
    response.end('thanks');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { url: `http://127.0.0.1:${address.port}/hook`, received };
}

/** As a receiver does it by the Standard Webhooks specification. */
function verify({ headers, body }: Received, secret: string): void {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const expected = createHmac('sha256', key).update(signed).digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${expected}`);
}

const local = createHttpNotifier({ allowsLoopback: true });

test('the end of a job is told with a signature, again and again until the receiver takes it', async (t) => {
  const receiver = await startReceiver(t, [500, 302, 503]);
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports } = deployment;
  const { id } = await submitRows(deployment, rowsOf(5), { webhook: receiver.url });
  const view = await settle(deployment, id);

  const delivered: number[] = [];
  for (let hour = 0; hour < 6; hour += 1) {
    delivered.push(await deliverWebhooks(ports, local));
    delivered.push(await deliverWebhooks(ports, local));
    deployment.advance(3_600_000);
  }

  assert.deepEqual(delivered.slice(0, 8), [0, 0, 0, 0, 0, 0, 1, 0], 'not before the wait is over');
  assert.equal(receiver.received.length, 4, 'and not again after it');
  const secret = webhookSecret({ secret: ports.settings.secret, tenant });
  for (const message of receiver.received) verify(message, secret);
  const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
  assert.equal(new Set(ids).size, 1);
  const times = receiver.received.map(({ headers }) => headers['webhook-timestamp']);
  assert.equal(new Set(times).size, 4, 'each try has its own time');
  const event: WebhookEvent = JSON.parse(receiver.received.at(-1)?.body ?? '');
  assert.deepEqual(event, {
    type: 'job.completed',
    id: ids[0],
    created_at: view.finished_at,
    job: view,
  });
  assert.deepEqual(await keysBelow(deployment, jobKeys.pendingWebhooks), []);
});

test('a cancelled run and the completed one after it are two events', async (t) => {
  const receiver = await startReceiver(t, []);
  const deployment = startMemoryDeployment({ workers: 1 });
  const { id } = await submitRows(deployment, rowsOf(5), { webhook: receiver.url });
  await serviceOf(deployment).cancel({ tenant, jobId: id });
  await settle(deployment, id);
  await serviceOf(deployment).resume({ tenant, jobId: id });
  await settle(deployment, id);

  await deliverWebhooks(deployment.ports, local);

  const events = receiver.received.map(({ body }): WebhookEvent => JSON.parse(body));
  assert.deepEqual(events.map(({ type }) => type).sort(), ['job.cancelled', 'job.completed']);
  assert.equal(new Set(events.map((event) => event.id)).size, 2);
  for (const event of events) assert.equal(`job.${event.job.status}`, event.type);
});

test('a receiver that never answers is given up after a day, one that is gone at once', async () => {
  const deployment = startMemoryDeployment({ workers: 1 });
  const { ports } = deployment;
  const webhook = 'https://hooks.example/x';
  const silent = await submitRows(deployment, rowsOf(2), { webhook });
  await settle(deployment, silent.id);
  let tries = 0;
  const failing = (isFinal: boolean): Notifier => ({
    post: async () => {
      tries += 1;
      return { delivered: false, reason: 'answered 500', isFinal };
    },
  });

  for (let minute = 0; minute < 60 * 30; minute += 1) {
    await deliverWebhooks(ports, failing(false));
    deployment.advance(60_000);
  }
  assert.ok(tries > 20 && tries < 50, `${tries} tries in 30 hours`);
  assert.deepEqual(await keysBelow(deployment, jobKeys.pendingWebhooks), []);

  const gone = await submitRows(deployment, rowsOf(2), { webhook });
  await settle(deployment, gone.id);
  tries = 0;
  await deliverWebhooks(ports, failing(true));
  deployment.advance(86_400_000);
  await deliverWebhooks(ports, failing(true));
  assert.equal(tries, 1);
});

test('private addresses are never called, whatever way they are written', async (t) => {
  const receiver = await startReceiver(t, []);
  const { port } = new URL(receiver.url);
  const remote = createHttpNotifier({ allowsLoopback: false, timeoutMillis: 2_000 });
  const message = { headers: {}, body: new Uint8Array(0) };
  const addresses = [
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}/`,
    `http://localhost:${port}/`,
    `http://2130706433:${port}/`,
    `http://0x7f.1:${port}/`,
    `http://[::1]:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
    'https://10.0.0.1/',
    'https://192.168.1.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[3fff::1]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://169.254.169.254./',
    'https://0.0.0.0/',
    'ftp://example.com/',
  ];

  for (const url of addresses) {
    const outcome = await remote.post({ ...message, url });
    assert.ok(!outcome.delivered && outcome.isFinal, `${url}: ${JSON.stringify(outcome)}`);
  }
  const stillRefused = await local.post({ ...message, url: 'https://169.254.169.254/' });
  assert.ok(!stillRefused.delivered && stillRefused.isFinal);
  assert.deepEqual(receiver.received, []);
  assert.ok((await local.post({ ...message, url: receiver.url })).delivered);
});

test('a receiver that does not answer counts as failed after the time allowed', async (t) => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const hasty = createHttpNotifier({ allowsLoopback: true, timeoutMillis: 100 });

  const url = `http://127.0.0.1:${address.port}/`;
  const outcome = await hasty.post({ url, headers: {}, body: new Uint8Array(0) });

  assert.deepEqual(outcome, { delivered: false, reason: 'no answer in time', isFinal: false });
});

test('a webhook is https, or http on this machine, without a password', () => {
  const accepts = (webhook: string) => jobOptionsSchema.safeParse({ webhook }).success;

  const good = [
    'https://example.com/x?y=1',
    'http://127.0.0.1:9/',
    'http://localhost/',
    'http://[::1]/',
  ];
  const bad = [
    'http://example.com/',
    'https://a:b@example.com/',
    'ftp://x/',
    'nonsense',
    '',
    'file:///etc',
  ];
  assert.deepEqual(
    good.filter((url) => !accepts(url)),
    [],
  );
  assert.deepEqual(bad.filter(accepts), []);
});
