import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { uploadKey } from '#core/jobs/upload-key.ts';
import { assertObjectKey } from '#core/object-keys.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectLinks } from '#core/ports/object-links.ts';
import type { UploadLinks } from '#core/ports/upload-links.ts';
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
 * The key that a link opens. `url` may lack its origin. Throws `forbidden`, and says no more, where
 * the signature is not ours, where the time is over, or where anything was changed.
 */
export function verifyObjectLink(
  url: string,
  against: { readonly secret: string; readonly clock: Clock },
): string {
  const link = parseLink(url);
  if (link === undefined) {
    throw notValid();
  }
  requireSignature(link, { expected: signatureOf(against.secret, link), clock: against.clock });
  return link.key;
}

interface SignedLink {
  readonly key: string;
  /** Seconds since 1970, as written in the link. */
  readonly expires: string;
  readonly signature: string;
}

/** Links for uploads, which the server itself takes. */
export function createSignedUploadLinks(options: {
  readonly secret: string;
  readonly baseUrl: () => string;
  readonly clock: Clock;
}): UploadLinks {
  return {
    async open({ tenant, filename, sizeBytes, sha256 = '', validSeconds }) {
      const key = uploadKey({ tenant, content: sha256 || randomUUID(), filename });
      assertObjectKey(key);
      const expires = String(Math.ceil(options.clock.epochMillis() / 1000 + validSeconds));
      const size = String(sizeBytes);
      const signature = uploadSignatureOf(options.secret, { key, expires, size, sha256 });
      const encodedKey = key.split('/').map(encodeURIComponent).join('/');
      const query = new URLSearchParams({ expires, size, sha256, signature });
      const base = options.baseUrl().replace(/\/$/, '');
      const headers = { 'content-length': size, 'if-none-match': '*' };
      return { key, url: `${base}${pathStart}${encodedKey}?${query}`, headers };
    },
  };
}

/** What an upload link opens; throws as {@link verifyObjectLink}. */
export function verifyUploadLink(
  url: string,
  against: { readonly secret: string; readonly clock: Clock },
): { readonly key: string; readonly sizeBytes: number; readonly sha256: string | undefined } {
  const link = parseLink(url);
  const query = URL.parse(url, 'http://localhost')?.searchParams;
  const size = query?.get('size');
  if (link === undefined || !size) throw notValid();
  const sha256 = query?.get('sha256') ?? '';
  const expected = uploadSignatureOf(against.secret, { ...link, size, sha256 });
  requireSignature(link, { expected, clock: against.clock });
  return { key: link.key, sizeBytes: Number(size), sha256: sha256 || undefined };
}

function requireSignature(
  link: SignedLink,
  against: { readonly expected: string; readonly clock: Clock },
): void {
  const expected = Buffer.from(against.expected);
  const given = Buffer.from(link.signature);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw notValid();
  }
  if (against.clock.epochMillis() >= Number(link.expires) * 1000) {
    throw notValid();
  }
}

function parseLink(url: string): SignedLink | undefined {
  const parsed = URL.parse(url, 'http://localhost');
  const expires = parsed?.searchParams.get('expires');
  const signature = parsed?.searchParams.get('signature');
  if (!parsed?.pathname.startsWith(pathStart) || !expires || !signature) {
    return undefined;
  }
  try {
    const segments = parsed.pathname.slice(pathStart.length).split('/').map(decodeURIComponent);
    return { key: segments.join('/'), expires, signature };
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

// Another first line than for reading: a link to read must not become one to write.
function uploadSignatureOf(
  secret: string,
  of: {
    readonly key: string;
    readonly expires: string;
    readonly size: string;
    readonly sha256: string;
  },
): string {
  const text = `upload-link\n${of.expires}\n${of.size}\n${of.sha256}\n${of.key}`;
  return createHmac('sha256', secret).update(text).digest('hex');
}

function notValid(): SwitchyardError {
  return new SwitchyardError(
    'forbidden',
    'The link is not valid, or not any more. Ask the API for a new one.',
  );
}
