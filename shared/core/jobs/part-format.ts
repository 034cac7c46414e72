import * as z from 'zod';
import { SwitchyardError } from '../switchyard-error.ts';
import { modelProvenanceSchema } from './model-provenance.ts';

const sectionSchema = z.strictObject({
  sizeBytes: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  sha256: z.string(),
});

/** Raised with every change of what follows. */
const SCHEMA = 1;
const newerSchema = z.looseObject({ schema: z.int().gt(SCHEMA) });

/** What a committed cell says about itself. Only the two sections before it reach the output. */
const partFooterSchema = z.strictObject({
  schema: z.literal(SCHEMA),
  file: z.int().nonnegative(),
  startPosition: z.int().nonnegative(),
  endPosition: z.int().nonnegative(),
  firstIndex: z.int().nonnegative(),
  results: sectionSchema,
  errors: sectionSchema,
  /** Attempt that wrote it: tells a worker whether a refused write was its own. */
  attemptId: z.string(),
  ...modelProvenanceSchema.shape,
  tokens: z.int().nonnegative(),
  inferenceMillis: z.number().nonnegative(),
});
export type PartFooter = z.infer<typeof partFooterSchema>;

/** Last bytes of every part: the footer's length as eight hex digits, then the magic. */
const MAGIC = 'SWYPART1';
const TRAILER_BYTES = 16;

/** Enough to hold footer and trailer in one ranged read; a footer has about 700 bytes. */
export const FOOTER_READ_BYTES = 4_096;

/** One object per committed cell: result lines, error lines, JSON footer, trailer. */
export function encodePart(part: {
  readonly results: Uint8Array;
  readonly errors: Uint8Array;
  readonly footer: PartFooter;
}): Uint8Array {
  const footer = new TextEncoder().encode(JSON.stringify(part.footer));
  const trailer = new TextEncoder().encode(footer.length.toString(16).padStart(8, '0') + MAGIC);
  const bytes = new Uint8Array(
    part.results.length + part.errors.length + footer.length + TRAILER_BYTES,
  );
  bytes.set(part.results, 0);
  bytes.set(part.errors, part.results.length);
  bytes.set(footer, part.results.length + part.errors.length);
  bytes.set(trailer, bytes.length - TRAILER_BYTES);
  return bytes;
}

/**
 * The footer, from the last bytes of a part. Throws `corrupt_object` where the part is not whole: its
 * sections, footer and trailer must add up to its size. Throws `newer_version` for one that must not
 * be taken for damaged, since whoever finds damage removes it.
 */
export function decodePartFooter(part: {
  readonly tail: Uint8Array;
  readonly sizeBytes: number;
  readonly key: string;
}): PartFooter {
  const trailer = new TextDecoder().decode(part.tail.subarray(-TRAILER_BYTES));
  const footerBytes = Number.parseInt(trailer.slice(0, 8), 16);
  const from = part.tail.length - TRAILER_BYTES - footerBytes;
  if (!trailer.endsWith(MAGIC) || !Number.isSafeInteger(footerBytes) || from < 0) {
    throw corrupt(part.key, 'it has no trailer');
  }
  const json = new TextDecoder().decode(part.tail.subarray(from, -TRAILER_BYTES));
  const value = parseOrUndefined(json);
  if (newerSchema.safeParse(value).success) throw newer(part.key);
  const parsed = partFooterSchema.safeParse(value);
  if (!parsed.success) throw corrupt(part.key, 'its footer is not readable');
  const { results, errors } = parsed.data;
  if (results.sizeBytes + errors.sizeBytes + footerBytes + TRAILER_BYTES !== part.sizeBytes) {
    throw corrupt(part.key, 'its sections do not add up to its size');
  }
  return parsed.data;
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function newer(key: string): SwitchyardError {
  return new SwitchyardError(
    'newer_version',
    `${key} was written by a newer version; start that version again and resume the job`,
  );
}

function corrupt(key: string, reason: string): SwitchyardError {
  return new SwitchyardError(
    'corrupt_object',
    `${key}: ${reason}; delete the object and let the job continue`,
  );
}
