import { isOptionsFile } from '#core/jobs/drop-zone.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '../job-ports.ts';
import type { InputSource } from './input-source.ts';
import { tooManyFiles } from './too-many-files.ts';

/**
 * Every file below a prefix, in the order of its keys; the names are relative to it. What is hidden,
 * unfinished or made for other programs is left out. Throws `object_not_found` where nothing is left
 * and `too_many_items` above the limit.
 */
export async function listPrefix(ports: JobPorts, prefix: string): Promise<InputSource[]> {
  const sources: InputSource[] = [];
  for await (const { key } of ports.objectStore.list(prefix)) {
    const name = key.slice(prefix.length);
    if (!isInput(name)) continue;
    sources.push({ key, name });
    if (sources.length > ports.limits.jobFiles) throw tooManyFiles(ports.limits);
  }
  if (sources.length > 0) return sources;
  const uri = `s3://${ports.settings.bucketName}/${prefix.slice('bucket/'.length)}`;
  throw new SwitchyardError('object_not_found', `there is no file below ${uri}; upload them first`);
}

/** As Hive and Spark have it, names that start with `.` or `_` are not data. */
function isInput(name: string): boolean {
  const segments = name.split('/');
  const last = segments.at(-1) ?? '';
  const isHidden = segments.some((segment) => segment.startsWith('.') || segment.startsWith('_'));
  // An empty name is the mark that consoles leave for a folder.
  if (isHidden || last === '' || isOptionsFile(last)) return false;
  return !last.endsWith('.partial') && !last.endsWith('~');
}
