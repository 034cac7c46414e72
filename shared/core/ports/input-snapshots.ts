import type { ObjectHead } from './object-store.ts';

/**
 * Pins the input of a job, so that a later overwrite cannot reach it: a version id in S3, a
 * copy-on-write copy on a folder.
 */
export interface InputSnapshots {
  /**
   * The version of `bucket/…` that is there now, or undefined where there is no such object.
   * Two versions of one key never give the same text.
   */
  version(key: string): Promise<string | undefined>;
  /**
   * Keeps exactly that version readable for the job. Idempotent. Throws `object_changed` where the
   * object is not in that version any more.
   */
  pin(
    source: { readonly key: string; readonly version: string },
    jobId: string,
  ): Promise<ObjectHead>;
}
