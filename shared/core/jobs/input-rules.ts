import { DEFAULT_TENANT, tenantSchema } from '../contract/tenant.ts';
import { isObjectKey } from '../object-keys.ts';
import { SwitchyardError } from '../switchyard-error.ts';

/** Which objects of the data bucket a tenant's job may read. */
export type InputRules =
  /** One machine: whoever reaches it owns everything in its bucket. */
  | { readonly kind: 'everything' }
  /** A tenant's own uploads and drop zone, and what the deployment grants. */
  | {
      readonly kind: 'granted';
      readonly sharedPrefixes: readonly string[];
      readonly tenantPrefixes: Readonly<Record<string, readonly string[]>>;
    };

/** Folder of the files that a tenant sent by `POST /uploads`, from the data bucket's root. */
export function uploadsOf(tenant: string): string {
  return `uploads/${tenant}/`;
}

/** Where files become jobs by themselves; every tenant's own but the default one's below its name. */
export function inboxOf(tenant: string): string {
  return tenant === DEFAULT_TENANT ? 'inbox/' : `inboxes/${tenant}/`;
}

/**
 * Whether a job of this tenant may read what is named: an object, or a prefix that ends in `/`. Told by
 * the name alone, so a refusal says nothing of what exists. The name is taken as it is, never decoded.
 *
 * @param name without the bucket
 */
export function mayReadInput(
  rules: InputRules,
  { tenant, name }: { readonly tenant: string; readonly name: string },
): boolean {
  if (rules.kind === 'everything') return true;
  if (!tenantSchema.safeParse(tenant).success || !isObjectKey(name.replace(/\/$/, '')))
    return false;
  if (isInternal(name)) return false;
  return readablePrefixes(rules, tenant).some((prefix) => name.startsWith(prefix));
}

/** The answer for an input that is another's or nobody's: the same whether it exists or not. */
export function foreignInput(
  rules: InputRules,
  { tenant, bucketName }: { readonly tenant: string; readonly bucketName: string },
): SwitchyardError {
  const prefixes = rules.kind === 'everything' ? [] : readablePrefixes(rules, tenant);
  const places = prefixes.map((prefix) => `s3://${bucketName}/${prefix}`);
  return new SwitchyardError(
    'forbidden',
    `your jobs may read what lies below ${places.join(', ')}; send the file by POST /uploads, or have ` +
      'its prefix granted by the setting "inputs" of the deployment',
    { members: { param: 'input' } },
  );
}

/** Whether a deployment may open a prefix to others than whose it is. */
export function isGrantablePrefix(prefix: string): boolean {
  return isObjectKey(prefix.replace(/\/$/, '')) && !isInternal(prefix) && !isOfTenants(prefix);
}

function readablePrefixes(
  rules: Extract<InputRules, { readonly kind: 'granted' }>,
  tenant: string,
): readonly string[] {
  // A tenant may be called `constructor`.
  const own = Object.hasOwn(rules.tenantPrefixes, tenant) ? rules.tenantPrefixes[tenant] : [];
  const granted = [...rules.sharedPrefixes, ...(own ?? [])].filter(isGrantablePrefix);
  return [uploadsOf(tenant), inboxOf(tenant), ...granted];
}

/**
 * What jobs and keys keep lies in a bucket of its own; the names are refused in the data bucket too, so
 * that no mistake in a deployment can open it. The ledger, texts and reports lie in the data bucket.
 */
export const internalFolders: ReadonlySet<string> = new Set([
  ...['jobs', 'active', 'index', 'claims', 'webhooks', 'expiry', 'submissions', 'outputs'],
  ...['state', 'router', 'keys', 'server', 'work'],
  ...['ledger', 'ledger-errors', 'predictions', 'predictions-errors', 'reports'],
]);

/** Results lie in the outboxes: they are read by `GET /jobs/{id}/results`, which asks whose they are. */
const foldersOfTenants: ReadonlySet<string> = new Set([
  ...['uploads', 'inboxes', 'outbox', 'outboxes'],
]);

function isInternal(name: string): boolean {
  return internalFolders.has(firstSegment(name));
}

function isOfTenants(name: string): boolean {
  return foldersOfTenants.has(firstSegment(name));
}

function firstSegment(name: string): string {
  // Some stores do not tell cases apart.
  return (name.split('/', 1)[0] ?? '').toLowerCase();
}
