import * as z from 'zod';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * Reads a record, or undefined where there is none. Throws `corrupt_object` for a damaged one, and
 * `newer_version` where its `schema` is above `newestSchema`: that one is whole, and must be left alone.
 *
 * Both stores write whole objects or none, so no kill leaves a damaged record: it takes a failing disk,
 * a backup that was cut short, or somebody's editor.
 */
export async function readJsonObject<Schema extends z.ZodType>(
  objectStore: ObjectStore,
  key: string,
  schema: Schema,
  newestSchema = 1,
): Promise<z.infer<Schema> | undefined> {
  const bytes = await objectStore.read(key);
  if (bytes === undefined) return undefined;
  const value = parseOrUndefined(bytes);
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const versioned = versionedSchema.safeParse(value);
  if (versioned.success && versioned.data.schema > newestSchema) {
    const detail = `${key} was written by a newer version; start that version again`;
    throw new SwitchyardError('newer_version', detail);
  }
  throw new SwitchyardError('corrupt_object', `${key} is not a readable record of this version`);
}

const versionedSchema = z.looseObject({ schema: z.int() });

/** As {@link readJsonObject}, for records that can be done without: a damaged one counts as none. */
export async function readUndamagedJson<Schema extends z.ZodType>(
  objectStore: ObjectStore,
  key: string,
  schema: Schema,
): Promise<z.infer<Schema> | undefined> {
  try {
    return await readJsonObject(objectStore, key, schema);
  } catch (error) {
    if (isDamaged(error)) return undefined;
    throw error;
  }
}

export function isDamaged(error: unknown): boolean {
  return error instanceof SwitchyardError && error.code === 'corrupt_object';
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
