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
      event.json = parseBody(bytes, limits);
    },
  };
}

/**
 * API Gateway has one answer to every body that is not what a route takes, malformed JSON among them, so
 * there is one code for it here too; what exactly is wrong is in the detail.
 */
function parseBody(bytes: Uint8Array, limits: Limits): unknown {
  if (bytes.length === 0) {
    const detail = 'the body is empty; send JSON, GET /docs shows what this route takes';
    throw new SwitchyardError('invalid_request', detail);
  }
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    throw new SwitchyardError('invalid_request', error.detail, { members: error.members });
  }
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
