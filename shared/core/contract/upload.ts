import * as z from 'zod';
import type { DeepReadonly } from '../deep-readonly.ts';
import type { Limits } from './limits.ts';

/** Body of `POST /uploads`: a file that is too large for a request, or no JSON. */
export function uploadRequestSchema(limits: Limits) {
  return z.strictObject({
    filename: z
      .string()
      .regex(
        /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/,
        'a file name has 1–100 letters, digits, "-", "_" and "."',
      )
      .describe('Its suffix tells the format, as in the drop zone.'),
    bytes: z.int().min(0).max(limits.uploadBytes).describe('Exactly as many are taken.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'a SHA-256 is 64 lower-case hex digits')
      .optional()
      .describe('Of the file: nothing else is taken, and the same file has the same place.'),
  });
}

export type UploadRequest = z.infer<ReturnType<typeof uploadRequestSchema>>;

/** Answer of `POST /uploads`: send the file there, then name `input` in `POST /jobs`. */
export const uploadViewSchema = z.object({
  method: z.literal('PUT'),
  url: z.url().describe('Needs no key; whoever has it may use it, once.'),
  headers: z
    .record(z.string(), z.string())
    .describe('To be sent as they are; most clients set the length themselves.'),
  expires_at: z.iso.datetime(),
  input: z.string().describe('The `input` of `POST /jobs`.'),
});
export type UploadView = DeepReadonly<z.infer<typeof uploadViewSchema>>;
