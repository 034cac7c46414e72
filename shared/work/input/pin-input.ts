import type { JobOptions } from '#core/contract/job.ts';
import { detectFormat } from '#core/formats/detect-format.ts';
import { foreignInput, mayReadInput } from '#core/jobs/input-rules.ts';
import type { InputFile, JobRecord } from '#core/jobs/job-record.ts';
import { mapLimited } from '#core/map-limited.ts';
import { assertObjectKey } from '#core/object-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { JobPorts } from '../job-ports.ts';
import type { InputSource } from './input-source.ts';
import { listPrefix } from './list-prefix.ts';
import { readManifest } from './read-manifest.ts';

/**
 * Finds and pins what an `s3://…` input names: an object, every file below a prefix that ends in `/`,
 * or those of a manifest. Idempotent. Throws what the caller can mend, with the name of the file, and
 * `forbidden` for what is not the tenant's to read, before anything is asked of it.
 */
export async function pinInput(
  ports: JobPorts,
  jobId: string,
  request: { readonly tenant: string; readonly uri: string; readonly options: JobOptions },
): Promise<JobRecord['input']> {
  const { uri, options } = request;
  const prefix = `s3://${ports.settings.bucketName}/`;
  if (!uri.startsWith(prefix)) {
    throw new SwitchyardError(
      'invalid_request',
      `an input must lie in ${prefix}; POST /uploads puts a file there`,
      {
        members: { param: 'input' },
      },
    );
  }
  const key = `bucket/${uri.slice(prefix.length)}`;
  assertObjectKey(key.replace(/\/$/, ''));
  refuseForeign(ports, request.tenant, [key]);
  const sources = await sourcesOf(ports, key, options);
  // A manifest may name anything.
  refuseForeign(
    ports,
    request.tenant,
    sources.map((source) => source.key),
  );
  const isOne = sources.length === 1 && sources[0]?.key === key;
  // Before anything is copied.
  const formats = sources.map(({ name }) => formatOf(name, options, isOne));
  const files = await mapLimited(sources, { limit: PINS_IN_FLIGHT }, async (source, ordinal) => {
    const pinned = await pinSource(ports, jobId, source, ordinal);
    const format = formats[ordinal] ?? formatOf(source.name, options, isOne);
    return { name: source.name, ...pinned, ...format };
  });
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  return { uri, sizeBytes, files };
}

function refuseForeign({ settings }: JobPorts, tenant: string, keys: readonly string[]): void {
  const { inputRules, bucketName } = settings;
  for (const key of keys) {
    const name = key.slice('bucket/'.length);
    if (mayReadInput(inputRules, { tenant, name })) continue;
    throw foreignInput(inputRules, { tenant, bucketName });
  }
}

/** S3 answers in tens of milliseconds; on a folder it hides the wait for the disk. */
const PINS_IN_FLIGHT = 32;

async function sourcesOf(
  ports: JobPorts,
  key: string,
  options: JobOptions,
): Promise<readonly InputSource[]> {
  if (key.endsWith('/')) return await listPrefix(ports, key);
  if (options.manifest === true) return await readManifest(ports, key);
  return [{ key, name: key.slice(key.lastIndexOf('/') + 1) }];
}

function formatOf(
  name: string,
  options: JobOptions,
  isOne: boolean,
): Pick<InputFile, 'format' | 'compression'> {
  try {
    return detectFormat(name, options.format);
  } catch (error) {
    if (isOne || !(error instanceof SwitchyardError)) throw error;
    throw new SwitchyardError(error.code, `${name}: ${error.detail}`, { cause: error });
  }
}

async function pinSource(
  ports: JobPorts,
  jobId: string,
  source: InputSource,
  ordinal: number,
): Promise<Pick<InputFile, 'key' | 'etag' | 'sizeBytes'>> {
  const { key } = source;
  const version = source.version ?? (await ports.inputSnapshots.version(key));
  if (version === undefined) {
    const uri = `s3://${ports.settings.bucketName}/${key.slice('bucket/'.length)}`;
    throw new SwitchyardError('object_not_found', `there is no object ${uri}; upload it first`);
  }
  return await ports.inputSnapshots.pin({ key, version }, jobId, ordinal);
}
