import * as z from 'zod';

/** Address of a receiver: https, or http on the machine itself; no user or password in it. */
export const webhookUrlSchema = z
  .string()
  .max(2_048)
  .refine(isWebhookUrl, 'a webhook is https://…; http:// works for this machine only');

/** True for names and addresses that mean the machine itself. */
function isLoopbackHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
