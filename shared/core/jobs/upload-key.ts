import { uploadsOf } from './input-rules.ts';

/** Enough of a SHA-256 or UUID to tell the uploads of one tenant apart, and still to be read. */
const SHOWN_DIGITS = 16;

/**
 * Where an uploaded file lies: below its tenant and what tells its content apart, under its own name.
 *
 * @param upload.content SHA-256 of the file, or a UUID where it is not known
 */
export function uploadKey(upload: {
  readonly tenant: string;
  readonly content: string;
  readonly filename: string;
}): string {
  const digits = upload.content.replaceAll('-', '').slice(0, SHOWN_DIGITS);
  return `bucket/${uploadsOf(upload.tenant)}${digits}/${upload.filename}`;
}
