import * as z from 'zod';
import { tenantSchema } from '../contract/tenant.ts';
import { isGrantablePrefix } from '../jobs/input-rules.ts';

/** They stand in the rights of every worker and in the environment of functions, which hold 4 KB. */
const MOST_PREFIXES = 32;
const MOST_BYTES = 1_500;

/** No wildcard and no variable of IAM is among these characters: a prefix stands in policies. */
const prefixSchema = z
  .string()
  .max(200)
  .regex(/^([\w.=@+-]+\/)+$/, 'segments of letters, digits and _.=@+- that end in "/"')
  .refine(isGrantablePrefix, 'what tenants keep apart and what jobs keep cannot be granted');

/** What jobs may name as input besides their tenant's own files. */
export const inputGrantsSchema = z
  .strictObject({
    /** Prefixes of the data bucket that every tenant's jobs may read, such as `lake/`. @default none */
    sharedPrefixes: z.array(prefixSchema).default([]),
    /** Prefixes that the jobs of one tenant may read, by the tenant's name. @default none */
    tenantPrefixes: z.record(tenantSchema, z.array(prefixSchema).min(1)).default({}),
  })
  .refine(
    (grants) => prefixesOf(grants).length <= MOST_PREFIXES,
    `at most ${MOST_PREFIXES} prefixes; grant one that lies above several`,
  )
  .refine(
    (grants) => JSON.stringify(grants).length <= MOST_BYTES,
    `at most ${MOST_BYTES} bytes of JSON; grant prefixes that lie above several`,
  );
export type InputGrants = z.output<typeof inputGrantsSchema>;

/** Every prefix that somebody was granted, each once. */
export function allGrantedPrefixes(grants: InputGrants): readonly string[] {
  return [...new Set(prefixesOf(grants))];
}

function prefixesOf(grants: {
  readonly sharedPrefixes: readonly string[];
  readonly tenantPrefixes: Readonly<Record<string, readonly string[]>>;
}): readonly string[] {
  return [...grants.sharedPrefixes, ...Object.values(grants.tenantPrefixes).flat()];
}
