import type { z } from 'zod';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** Reads a record, or undefined where there is none. Throws `corrupt_object` for a damaged one. */
export async function readJsonObject<Schema extends z.ZodType>(
  objectStore: ObjectStore,
  key: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  const bytes = await objectStore.read(key);
  if (bytes === undefined) return undefined;
  const parsed = schema.safeParse(parseOrUndefined(bytes));
  if (parsed.success) return parsed.data;
  throw new SwitchyardError('corrupt_object', `${key} is not a readable record of this version`);
}

/** As {@link readJsonObject}, for records that can be done without: a damaged one counts as none. */
export async function readUndamagedJson<Schema extends z.ZodType>(
  objectStore: ObjectStore,
  key: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  try {
    return await readJsonObject(objectStore, key, schema);
  } catch (error) {
    if (error instanceof SwitchyardError && error.code === 'corrupt_object') return undefined;
    throw error;
  }
}

export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function parseOrUndefined(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
