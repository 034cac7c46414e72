import { gunzipSync } from 'node:zlib';
import type { Limits } from '#core/contract/limits.ts';
import { isObjectKey } from '#core/object-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '../job-ports.ts';
import type { InputSource } from './input-source.ts';
import { parseCsvRecords } from './parse-csv-records.ts';
import { tooManyFiles } from './too-many-files.ts';

/** Ten thousand of the longest keys, encoded, and as much again. */
const MANIFEST_BYTES = 33_554_432;

/**
 * The objects that a manifest names, in its order, each by its whole key: lines of bucket, URL-encoded
 * key and perhaps version, without a header, as S3 Inventory and S3 Batch Operations have them; also
 * compressed. Throws `invalid_request` with the line that is wrong.
 */
export async function readManifest(ports: JobPorts, key: string): Promise<InputSource[]> {
  const head = await ports.objectStore.head(key);
  if (head === undefined) {
    throw new SwitchyardError('object_not_found', 'there is no such manifest; upload it first');
  }
  if (head.sizeBytes > MANIFEST_BYTES) throw tooLarge();
  const bytes = (await ports.objectStore.read(key, { ifMatch: head.etag })) ?? new Uint8Array(0);
  const lines = decode(bytes).split(/\r?\n/);
  const sources = new Map<string, InputSource>();
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const source = readLine(ports, line, at + 1);
    if (sources.has(source.key)) throw refuse(at + 1, 'names an object that an earlier line names');
    sources.set(source.key, source);
    refuseTooMany(sources.size, ports.limits);
  }
  if (sources.size > 0) return [...sources.values()];
  throw new SwitchyardError('invalid_request', 'the manifest names no object');
}

function refuseTooMany(files: number, limits: Limits): void {
  if (files > limits.jobFiles) throw tooManyFiles(limits);
}

function decode(bytes: Uint8Array): string {
  try {
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const plain = isGzip ? gunzipSync(bytes, { maxOutputLength: MANIFEST_BYTES }) : bytes;
    return new TextDecoder('utf-8', { fatal: true }).decode(plain);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    const detail = 'the manifest is not CSV in UTF-8, plain or as gzip; upload it again';
    throw new SwitchyardError('invalid_request', detail, { cause });
  }
}

function readLine(ports: JobPorts, line: string, ordinal: number): InputSource {
  const [parsed] = parseCsvRecords([line], ',');
  if (parsed === undefined || !parsed.ok) throw refuse(ordinal, 'is not CSV (RFC 4180)');
  const [bucket, encodedKey, version = '', ...others] = parsed.fields;
  if (encodedKey === undefined || others.length > 0) {
    throw refuse(ordinal, 'does not have the two or three fields bucket, key and version');
  }
  if (bucket !== ports.settings.bucketName) {
    throw refuse(ordinal, `names another bucket than ${ports.settings.bucketName}`);
  }
  const name = decodeKey(encodedKey);
  if (name === undefined || !isObjectKey(`bucket/${name}`)) {
    throw refuse(ordinal, 'has a key that is not URL-encoded or not allowed');
  }
  return { key: `bucket/${name}`, name, ...(version === '' ? {} : { version }) };
}

/** S3 encodes keys as forms do: a space is a plus sign, a plus sign is %2B. */
function decodeKey(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function refuse(line: number, fault: string): SwitchyardError {
  return new SwitchyardError('invalid_request', `line ${line} of the manifest ${fault}`);
}

function tooLarge(): SwitchyardError {
  const detail = `the manifest has more than ${MANIFEST_BYTES} bytes; make several jobs`;
  return new SwitchyardError('payload_too_large', detail);
}
