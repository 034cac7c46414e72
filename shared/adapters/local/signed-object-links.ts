import { createHmac, timingSafeEqual } from 'node:crypto';
import { assertObjectKey } from '#core/object-keys.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectLinks } from '#core/ports/object-links.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

const pathStart = '/objects/';

/** Links that the server itself answers. `baseUrl` is asked at each call: a port may come late. */
export function createSignedObjectLinks(options: {
  readonly secret: string;
  readonly baseUrl: () => string;
  readonly clock: Clock;
}): ObjectLinks {
  return {
    async linkTo(key, { validSeconds }) {
      assertObjectKey(key);
      const expires = String(Math.ceil(options.clock.epochMillis() / 1000 + validSeconds));
      const signature = signatureOf(options.secret, { key, expires });
      const encodedKey = key.split('/').map(encodeURIComponent).join('/');
      const base = options.baseUrl().replace(/\/$/, '');
      return `${base}${pathStart}${encodedKey}?expires=${expires}&signature=${signature}`;
    },
  };
}

/**
 * The key that a link opens; `path` as it came, percent escapes included. Throws `forbidden`, and
 * says no more, where the signature is not ours, the time is over, or anything was changed.
 */
export function verifyObjectLink(request: {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly secret: string;
  readonly clock: Clock;
}): string {
  const key = keyOfPath(request.path);
  const expires = request.query.get('expires');
  if (key === undefined || expires === null) {
    throw notValid();
  }
  const expected = Buffer.from(signatureOf(request.secret, { key, expires }));
  const given = Buffer.from(request.query.get('signature') ?? '');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw notValid();
  }
  if (request.clock.epochMillis() >= Number(expires) * 1000) {
    throw notValid();
  }
  return key;
}

function keyOfPath(path: string): string | undefined {
  if (!path.startsWith(pathStart)) {
    return undefined;
  }
  try {
    return path.slice(pathStart.length).split('/').map(decodeURIComponent).join('/');
  } catch {
    // A broken percent escape.
    return undefined;
  }
}

// The secret also makes job ids: the first line keeps the two uses apart.
function signatureOf(
  secret: string,
  { key, expires }: { readonly key: string; readonly expires: string },
): string {
  return createHmac('sha256', secret).update(`object-link\n${expires}\n${key}`).digest('hex');
}

function notValid(): SwitchyardError {
  return new SwitchyardError(
    'forbidden',
    'The link is not valid, or not any more. Ask the API for a new one.',
  );
}
