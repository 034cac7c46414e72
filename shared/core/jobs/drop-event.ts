import * as z from 'zod';
import { parseWith } from '../contract/parse-with.ts';
import { SwitchyardError } from '../switchyard-error.ts';

/** One object that was written, as S3 tells it. */
export interface WrittenObject {
  readonly bucket: string;
  /** As it is, never URL-encoded. */
  readonly key: string;
  readonly etag: string;
  /** Undefined where the bucket keeps no versions. */
  readonly versionId: string | undefined;
}

/** `Object Created` as EventBridge carries it: the key stands there as it is. */
const bridgedSchema = z.looseObject({
  'detail-type': z.literal('Object Created'),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string() }),
    object: z.looseObject({
      key: z.string(),
      etag: z.string(),
      'version-id': z.string().optional(),
    }),
  }),
});

/** A notification that S3 sends by itself, of any version 2.x: the key is encoded as in a form. */
const notificationSchema = z.looseObject({
  Records: z.array(
    z.looseObject({
      eventName: z.string(),
      s3: z.looseObject({
        bucket: z.looseObject({ name: z.string() }),
        object: z.looseObject({
          key: z.string(),
          eTag: z.string(),
          versionId: z.string().optional(),
        }),
      }),
    }),
  ),
});

/** Sent once when notifications are set up. */
const testSchema = z.looseObject({ Event: z.literal('s3:TestEvent') });

/**
 * The objects that an event says were written; none for S3's test event. The two ways by which S3
 * tells differ in the key: decoding one that is not encoded would break every key with `%` or `+`.
 * Throws `invalid_request` for anything else.
 */
export function writtenObjects(event: unknown): readonly WrittenObject[] {
  const bridged = bridgedSchema.safeParse(event).data?.detail;
  if (bridged !== undefined) {
    const { key, etag, 'version-id': versionId } = bridged.object;
    return [{ bucket: bridged.bucket.name, key, etag, versionId }];
  }
  if (testSchema.safeParse(event).success) return [];
  const { Records: records } = parseWith(notificationSchema, event);
  return records
    .filter(({ eventName }) => /^(s3:)?ObjectCreated:/.test(eventName))
    .map(({ s3: { bucket, object } }) => ({
      bucket: bucket.name,
      key: decodeFormText(object.key),
      etag: object.eTag,
      versionId: object.versionId,
    }));
}

function decodeFormText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (cause) {
    const detail = 'the key of the notification is not URL-encoded UTF-8';
    throw new SwitchyardError('invalid_request', detail, { cause });
  }
}
