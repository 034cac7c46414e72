import * as z from 'zod';
import type { Limits } from './limits.ts';

/** Body of `POST /uploads`: a file that is too large for a request, or no JSON. */
export function uploadRequestSchema(limits: Limits) {
  return z.strictObject({
    /** Its suffix tells the format, as in the drop zone. */
    filename: z
      .string()
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/, '1–100 letters, digits, "-", "_" and "."'),
    /** Exactly as many bytes are taken. */
    bytes: z.int().min(0).max(limits.uploadBytes),
    /** Of the file, hexadecimal: nothing else is taken, and the same file has the same place. */
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits')
      .optional(),
  });
}

export type UploadRequest = z.infer<ReturnType<typeof uploadRequestSchema>>;

/** Answer of `POST /uploads`: send the file there, then name `input` in `POST /jobs`. */
export interface UploadView {
  readonly method: 'PUT';
  /** Needs no key; whoever has it may use it, once. */
  readonly url: string;
  /** To be sent as they are; most clients set the length themselves. */
  readonly headers: Readonly<Record<string, string>>;
  readonly expires_at: string;
  readonly input: string;
}
