import { createHmac } from 'node:crypto';

/**
 * The key with which a tenant's receiver verifies our messages, as Standard Webhooks writes it:
 * `whsec_` and base64. It follows from the deployment's secret, so nothing has to be stored.
 */
export function webhookSecret(of: { readonly secret: string; readonly tenant: string }): string {
  return `whsec_${keyOf(of).toString('base64')}`;
}

/** The id of the event "this run of the job has ended": the same at every try to deliver it. */
export function webhookEventId(
  secret: string,
  of: { readonly jobId: string; readonly run: number },
): string {
  const mac = createHmac('sha256', secret).update(`webhook-event\n${of.jobId}\n${of.run}`);
  return `evt_${mac.digest('hex').slice(0, 32)}`;
}

/** Headers of the Standard Webhooks scheme over `id.timestamp.body`. */
export function signWebhook(
  of: { readonly secret: string; readonly tenant: string },
  message: { readonly id: string; readonly timestampSeconds: number; readonly body: Uint8Array },
): Record<string, string> {
  const { id, timestampSeconds, body } = message;
  const mac = createHmac('sha256', keyOf(of)).update(`${id}.${timestampSeconds}.`).update(body);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': `v1,${mac.digest('base64')}`,
  };
}

// The secret also makes job ids and links: the first line keeps the uses apart.
function keyOf(of: { readonly secret: string; readonly tenant: string }): Buffer {
  return createHmac('sha256', of.secret).update(`webhook-key\n${of.tenant}`).digest();
}
