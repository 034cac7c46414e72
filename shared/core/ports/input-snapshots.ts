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
   * Keeps exactly that version readable for the job; many may be pinned at once. Idempotent: the same
   * version of the same object at the same `ordinal` gives the same head. Throws `object_changed`
   * where the object is not in that version any more.
   *
   * @param ordinal place among the files of a job that has several
   */
  pin(
    source: { readonly key: string; readonly version: string },
    jobId: string,
    ordinal?: number,
  ): Promise<ObjectHead>;
}
