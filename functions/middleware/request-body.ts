import type { Limits } from '#core/contract/limits.ts';
import { parseJson } from '#core/contract/parse-json.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { RouteEvent, RouteMiddleware } from '../handler.ts';

/**
 * Reads the JSON body into `event.json`, whatever the Content-Type: curl's default must work, and
 * behind binary media types every body arrives as base64.
 */
export function requestBody(limits: Limits): RouteMiddleware {
  return {
    before: ({ event }) => {
      const bytes = bodyBytes(event, limits);
      event.json = parseJson(bytes, limits);
    },
  };
}

function bodyBytes(event: RouteEvent, limits: Limits): Uint8Array {
  const encoding = event.isBase64Encoded ? 'base64' : 'utf8';
  const body = event.body ?? '';
  const receivedBytes = Buffer.byteLength(body, encoding);
  if (receivedBytes > limits.bodyBytes) throw payloadTooLarge(receivedBytes, limits);
  return Buffer.from(body, encoding);
}

/** `receivedBytes` may be what was announced, or what had come when reading was given up. */
export function payloadTooLarge(receivedBytes: number, limits: Limits): SwitchyardError {
  return new SwitchyardError(
    'payload_too_large',
    `a body may have ${limits.bodyBytes} bytes; put the items into a file and send POST /jobs ` +
      'with its address as "input"',
    { members: { limit_bytes: limits.bodyBytes, received_bytes: receivedBytes } },
  );
}
