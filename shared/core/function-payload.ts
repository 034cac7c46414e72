import { SwitchyardError } from './switchyard-error.ts';

/** JSON of a payload; throws `payload_too_large` above the limit. `undefined` is sent as null. */
export function encodePayload(payload: unknown, maxBytes: number): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify(payload ?? null));
  if (bytes.length <= maxBytes) return bytes;
  throw new SwitchyardError(
    'payload_too_large',
    `A payload has at most ${maxBytes} bytes of JSON. Put it into an object and send its key.`,
    { members: { limit_bytes: maxBytes } },
  );
}

/** What a function answered; null where it answered nothing. */
export function decodePayload(bytes: Uint8Array | undefined): unknown {
  const text = new TextDecoder().decode(bytes);
  return text === '' ? null : JSON.parse(text);
}

/** A function of this deployment that is not there: a mistake in the settings. */
export function noSuchFunction(name: string, cause?: unknown): SwitchyardError {
  const detail = `There is no function ${name}. Check the setting that names it.`;
  return new SwitchyardError('invalid_setting', detail, { cause });
}

/** A function that failed. Its message is not repeated: it may hold anything. */
export function functionFailed(name: string, cause?: unknown): SwitchyardError {
  return new SwitchyardError('internal', `The function ${name} failed; its log says why.`, {
    cause,
  });
}
