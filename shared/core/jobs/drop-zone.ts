import { DEFAULT_TENANT, tenantSchema } from '../contract/tenant.ts';
import { inboxOf } from './input-rules.ts';

/** Where files that are put there become jobs of the default tenant: `bucket/inbox/<model>/<file>`. */
export const INBOX = `bucket/${inboxOf(DEFAULT_TENANT)}`;

/** What the key of a dropped file says. */
export interface DropPlace {
  readonly tenant: string;
  readonly model: string;
  /** Path of the file below its model. */
  readonly name: string;
  /** Where its results belong, ending in `/`. */
  readonly outputPrefix: string;
}

/** Undefined for a key outside of the drop zones, and for names that are not finished or not input. */
export function dropPlaceOf(key: string): DropPlace | undefined {
  const zone = zoneOf(key);
  if (zone === undefined) return undefined;
  const [model, ...rest] = key.slice(zone.inbox.length).split('/');
  const last = rest.at(-1);
  // The mark that some tools leave for an empty folder is no file.
  if (model === undefined || last === undefined || last === '' || isOptionsFile(last)) {
    return undefined;
  }
  if ([model, ...rest].some(isHidden) || isUnfinished(last)) return undefined;
  const name = rest.join('/');
  return { tenant: zone.tenant, model, name, outputPrefix: `${zone.outbox}${model}/${name}/` };
}

/** A file that lies in a drop zone beside the folders of the models, where no model is named. */
export function misplacedDropOf(
  key: string,
): { readonly name: string; readonly inbox: string; readonly outputPrefix: string } | undefined {
  const zone = zoneOf(key);
  const name = zone === undefined ? '' : key.slice(zone.inbox.length);
  if (zone === undefined || name === '' || name.includes('/')) return undefined;
  if (isOptionsFile(name) || isHidden(name) || isUnfinished(name)) return undefined;
  const inbox = zone.inbox.slice('bucket/'.length);
  return { name, inbox, outputPrefix: `${zone.outbox}${name}/` };
}

function isHidden(segment: string): boolean {
  return segment.startsWith('.');
}

/** On its way to another name. */
function isUnfinished(fileName: string): boolean {
  return fileName.endsWith('.partial') || fileName.endsWith('~');
}

/** True for files that configure their neighbours instead of being input themselves. */
export function isOptionsFile(fileName: string): boolean {
  return fileName === '_options.json' || fileName.endsWith('.options.json');
}

function zoneOf(key: string) {
  const [, folder, name = ''] = key.split('/', 3);
  const tenant = folder === 'inboxes' ? name : DEFAULT_TENANT;
  const inbox = `bucket/${inboxOf(tenant)}`;
  // The default tenant has its zone; a second one would make two places of one name.
  if (!key.startsWith(inbox) || !tenantSchema.safeParse(tenant).success) return undefined;
  const outbox = tenant === DEFAULT_TENANT ? 'bucket/outbox/' : `bucket/outboxes/${tenant}/`;
  return { tenant, inbox, outbox };
}
