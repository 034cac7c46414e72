import * as z from 'zod';
import type { WebhookEvent } from '#core/contract/webhook-event.ts';
import { jobIdOf, jobKeys, runOf } from '#core/jobs/job-keys.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { NotificationOutcome, Notifier } from '#core/ports/notifier.ts';
import { describeRun } from '../describe/describe-job.ts';
import type { JobPorts } from '../job-ports.ts';
import { readJobHead } from '../records/job-records.ts';
import { encodeJson, readJsonObject } from '../records/read-json-object.ts';
import { type RunningJob, readEnd } from './end-job.ts';
import { signWebhook, webhookEventId } from './sign-webhook.ts';

/** First wait after a failed try; it doubles up to the longest. */
const FIRST_WAIT_MILLIS = 5_000;
const LONGEST_WAIT_MILLIS = 3_600_000;
/** A receiver that was away for a day is told nothing any more; its owner can still ask. */
const GIVE_UP_MILLIS = 86_400_000;

const CALLS_IN_FLIGHT = 16;

/** `webhooks/{job}.{run}`: an end that has not been told, and how often that was tried. */
const pendingSchema = z.strictObject({
  since: z.string(),
  attempts: z.int().nonnegative(),
  lastAttemptAt: z.string().nullable(),
});
type Pending = z.infer<typeof pendingSchema>;

/** Notes that the end of a run has to be told; does nothing where it was, or where nobody asked. */
export async function queueWebhook(ports: JobPorts, { job, run }: RunningJob): Promise<void> {
  const { objectStore, clock } = ports;
  if (job.webhook === undefined) return;
  if ((await objectStore.head(jobKeys.webhookOutcome(job.id, run))) !== undefined) return;
  const since = new Date(clock.epochMillis()).toISOString();
  const pending: Pending = { since, attempts: 0, lastAttemptAt: null };
  await objectStore.putIfAbsent(jobKeys.pendingWebhook(job.id, run), encodeJson(pending));
}

/**
 * Tries every end that is due to be told: at least once each, again after 5 s, 10 s, 20 s … up to an
 * hour, for a day. Returns how many were delivered. One bad receiver does not delay the others' next
 * round.
 */
export async function deliverWebhooks(ports: JobPorts, notifier: Notifier): Promise<number> {
  const keys: string[] = [];
  for await (const { key } of ports.objectStore.list(jobKeys.pendingWebhooks)) keys.push(key);
  const told = await mapLimited(keys, { limit: CALLS_IN_FLIGHT }, (key) =>
    // What the store refuses now is tried in the next round.
    deliver(ports, notifier, key).catch(() => false),
  );
  return told.filter(Boolean).length;
}

async function deliver(ports: JobPorts, notifier: Notifier, key: string): Promise<boolean> {
  const { objectStore, clock } = ports;
  const pending = await readJsonObject(objectStore, key, pendingSchema);
  if (pending === undefined || !isDue(pending, clock.epochMillis())) return false;
  const message = await messageFor(ports, { jobId: jobIdOf(key), run: runOf(key) });
  if (message === undefined) {
    await objectStore.delete(key);
    return false;
  }
  const outcome = await notifier.post(message);
  await record(ports, key, { pending, outcome });
  return outcome.delivered;
}

function isDue({ attempts, lastAttemptAt }: Pending, nowMillis: number): boolean {
  if (lastAttemptAt === null) return true;
  const waitMillis = Math.min(LONGEST_WAIT_MILLIS, FIRST_WAIT_MILLIS * 2 ** (attempts - 1));
  const passedMillis = nowMillis - Date.parse(lastAttemptAt);
  // A clock that was set back must not silence a receiver.
  return passedMillis >= waitMillis || passedMillis < 0;
}

async function messageFor(ports: JobPorts, of: { readonly jobId: string; readonly run: number }) {
  const { objectStore, settings, clock } = ports;
  const job = await readJobHead(objectStore, of.jobId);
  const end = job && (await readEnd(objectStore, { job, run: of.run }));
  if (job?.webhook === undefined || end === undefined) return undefined;
  const id = webhookEventId(settings.secret, of);
  const event: WebhookEvent = {
    type: `job.${end.status}`,
    id,
    created_at: end.endedAt,
    job: await describeRun(ports, { job, run: of.run }),
  };
  const body = encodeJson(event);
  const timestampSeconds = Math.floor(clock.epochMillis() / 1000);
  const headers = signWebhook(
    { secret: settings.secret, tenant: job.tenant },
    {
      id,
      timestampSeconds,
      body,
    },
  );
  return { url: job.webhook, headers: { 'content-type': 'application/json', ...headers }, body };
}

async function record(
  ports: JobPorts,
  key: string,
  tried: { readonly pending: Pending; readonly outcome: NotificationOutcome },
): Promise<void> {
  const { objectStore, clock } = ports;
  const { pending, outcome } = tried;
  const nowMillis = clock.epochMillis();
  const at = new Date(nowMillis).toISOString();
  const attempts = pending.attempts + 1;
  const isOver =
    outcome.delivered || outcome.isFinal || nowMillis - Date.parse(pending.since) >= GIVE_UP_MILLIS;
  if (!isOver) {
    const next: Pending = { since: pending.since, attempts, lastAttemptAt: at };
    await objectStore.put(key, encodeJson(next));
    return;
  }
  const reason = outcome.delivered ? null : outcome.reason;
  const final = { delivered: outcome.delivered, attempts, at, reason };
  await objectStore.putIfAbsent(
    jobKeys.webhookOutcome(jobIdOf(key), runOf(key)),
    encodeJson(final),
  );
  await objectStore.delete(key);
}
