import { createHash } from 'node:crypto';
import type { Scope } from '#core/contract/scope.ts';
import {
  API_KEY_PREFIX,
  type ApiKeyRecord,
  apiKeyRecordSchema,
  apiKeyRecords,
  isApiKey,
} from '#core/deployment/api-key.ts';
import { mapLimited } from '#core/map-limited.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import type { UsageKeys } from '#core/ports/usage-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { encodeJson, readJsonObject } from '../records/read-json-object.ts';

export interface KeyPorts {
  readonly objectStore: ObjectStore;
  readonly usageKeys: UsageKeys;
  readonly clock: Pick<Clock, 'epochMillis'>;
}

/** What may be shown of a key. `id` is the start of its SHA-256, enough to revoke it by. */
export interface ShownKey extends Omit<ApiKeyRecord, 'schema' | 'usageKeyId'> {
  readonly id: string;
}

const ID_DIGITS = 16;
const READS_IN_FLIGHT = 16;

/**
 * Makes a key. It works from the moment its record is there, so the record is written last; what a
 * crash leaves before that opens nothing. The returned text is nowhere else: it can be shown once.
 *
 * @param wanted.random 32 bytes nobody can guess
 */
export async function createApiKey(
  ports: KeyPorts,
  wanted: {
    readonly random: Uint8Array;
    readonly name: string;
    readonly tenant: string;
    readonly scopes: readonly Scope[];
    readonly plan: string;
    readonly expiresAtMillis?: number;
  },
): Promise<{ readonly key: string; readonly shown: ShownKey }> {
  const { random, name, tenant, plan, expiresAtMillis } = wanted;
  const key = API_KEY_PREFIX + Buffer.from(random).toString('base64url');
  const sha256 = sha256Of(key);
  const usageKeyId = await ports.usageKeys.add({ value: sha256, name: `${tenant}: ${name}`, plan });
  const record: ApiKeyRecord = {
    schema: 1,
    name,
    tenant,
    scopes: [...wanted.scopes],
    plan,
    usageKeyId,
    createdAt: new Date(ports.clock.epochMillis()).toISOString(),
    expiresAt: expiresAtMillis === undefined ? null : new Date(expiresAtMillis).toISOString(),
  };
  await ports.objectStore.put(apiKeyRecords.key(sha256), encodeJson(record));
  return { key, shown: show(sha256, record) };
}

/** Every key, the oldest first. One whose record is damaged is left out: it opens nothing. */
export async function listApiKeys(ports: Pick<KeyPorts, 'objectStore'>): Promise<ShownKey[]> {
  const objectKeys: string[] = [];
  for await (const { key } of ports.objectStore.list(apiKeyRecords.prefix)) objectKeys.push(key);
  const keys = await mapLimited(objectKeys, { limit: READS_IN_FLIGHT }, async (objectKey) => {
    const record = await readJsonObject(ports.objectStore, objectKey, apiKeyRecordSchema).catch(
      () => undefined,
    );
    return record === undefined ? [] : [show(apiKeyRecords.sha256Of(objectKey), record)];
  });
  return keys.flat().sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/**
 * Takes a key back, named by its id or by itself. Its record goes first, for it is what opens. Throws
 * `object_not_found` for a key that is not there, `invalid_request` for an id of several keys.
 */
export async function revokeApiKey(ports: KeyPorts, idOrKey: string): Promise<ShownKey> {
  const sha256 = isApiKey(idOrKey) ? sha256Of(idOrKey) : await findKey(ports, idOrKey);
  const objectKey = apiKeyRecords.key(sha256);
  const record = await readJsonObject(ports.objectStore, objectKey, apiKeyRecordSchema);
  if (record === undefined) throw notThere();
  await ports.objectStore.delete(objectKey);
  await ports.usageKeys.remove(record.usageKeyId);
  return show(sha256, record);
}

async function findKey({ objectStore }: KeyPorts, id: string): Promise<string> {
  if (!/^[0-9a-f]{8,64}$/.test(id)) {
    throw new SwitchyardError(
      'invalid_request',
      'a key is named by 8 to 64 hex digits of its id, or by itself; "keys list" shows the ids',
    );
  }
  const found: string[] = [];
  for await (const { key } of objectStore.list(apiKeyRecords.prefix + id)) found.push(key);
  const [first, second] = found;
  if (first === undefined) throw notThere();
  if (second === undefined) return apiKeyRecords.sha256Of(first);
  const detail = `${found.length} keys begin with ${id}; give more digits of the one that is meant`;
  throw new SwitchyardError('invalid_request', detail);
}

function show(sha256: string, record: ApiKeyRecord): ShownKey {
  const { name, tenant, scopes, plan, createdAt, expiresAt } = record;
  return { id: sha256.slice(0, ID_DIGITS), name, tenant, scopes, plan, createdAt, expiresAt };
}

function sha256Of(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function notThere(): SwitchyardError {
  return new SwitchyardError('object_not_found', 'there is no such key; "keys list" shows them');
}
