import * as z from 'zod';
import { scopeSchema } from '../contract/scope.ts';
import { tenantSchema } from '../contract/tenant.ts';

/** 32 random bytes as base64url behind a prefix by which scanners of leaked secrets know it. */
export const API_KEY_PREFIX = 'swy_';
const apiKeyPattern = /^swy_[A-Za-z0-9_-]{43}$/;

/** Whether a text can be a key at all: what cannot is refused before anything is read. */
export function isApiKey(text: string): boolean {
  return apiKeyPattern.test(text);
}

/** What is known of a key. The key itself is stored nowhere: its SHA-256 is the record's name. */
export const apiKeyRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** What its owner calls it. */
  name: z.string().min(1).max(128),
  tenant: tenantSchema,
  scopes: z.array(scopeSchema).min(1),
  /** Usage plan whose rate and quota it has. */
  plan: z.string(),
  /** Id of the key in API Gateway by which the plan counts. */
  usageKeyId: z.string(),
  createdAt: z.iso.datetime(),
  /** First moment at which it does not work any more; null for a key that stays. */
  expiresAt: z.iso.datetime().nullable(),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecordSchema>;

export const apiKeyRecords = {
  prefix: 'work/keys/',
  /** @param sha256 of the key, hexadecimal */
  key: (sha256: string) => `work/keys/${sha256}.json`,
  sha256Of: (objectKey: string) => objectKey.slice('work/keys/'.length, -'.json'.length),
} as const;
