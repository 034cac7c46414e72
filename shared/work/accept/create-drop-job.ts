import { type JobOptions, jobOptionsSchema, rowOptionsOf } from '#core/contract/job.ts';
import type { Limits } from '#core/contract/limits.ts';
import { parseJson } from '#core/contract/parse-json.ts';
import { parseWith } from '#core/contract/parse-with.ts';
import { detectFormat } from '#core/formats/detect-format.ts';
import { dropPlaceOf } from '#core/jobs/drop-zone.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { failJob } from '../finish/end-job.ts';
import { estimateInput } from '../input/estimate-input.ts';
import type { JobPorts } from '../job-ports.ts';
import { jobIdFor } from './identify-job.ts';
import { type NewJob, type RegisteredJob, registerFailedJob, registerJob } from './register-job.ts';

/** A file that stood still in the drop zone. */
export interface DroppedFile {
  /** `bucket/inbox/<model>/<file>`, or the same in the zone of another tenant. */
  readonly key: string;
  readonly version: string;
  /**
   * Options that came with the file itself, as JSON.
   *
   * @default - it brings none
   */
  readonly options?: Uint8Array;
}

/**
 * Makes the job of a dropped file; the same version of it makes the same job, however often it is
 * seen. A drop that cannot run (unknown model, format, options) becomes a failed job, so that its
 * owner finds the reason in the outbox. Throws `object_changed` where the file is being written again.
 */
export async function createDropJob(ports: JobPorts, file: DroppedFile): Promise<RegisteredJob> {
  const place = dropPlaceOf(file.key);
  if (place === undefined) {
    throw new SwitchyardError('invalid_key', 'the file lies in no drop zone, or is no input');
  }
  const { tenant, model, name, outputPrefix } = place;
  const optionsFile = await readOptionsFile(ports, file);
  const optionsText = optionsFile === undefined ? '' : new TextDecoder().decode(optionsFile.bytes);
  const identity = ['drop', file.key, file.version, optionsText];
  const id = jobIdFor(ports.settings.secret, identity);
  const base: Omit<NewJob, 'input' | 'options'> = {
    id,
    tenant,
    source: 'drop',
    // The id covers everything that a drop asks for, so equal ids are equal requests.
    requestSha256: id,
    outputPrefix,
    model,
    lane: 'cpu-fleet',
  };
  const uri = `s3://${ports.settings.bucketName}/${file.key.slice('bucket/'.length)}`;
  try {
    const options = parseOptions(optionsFile, ports.limits);
    refuseManifest(options);
    const { format, compression } = detectFormat(name, options.format);
    ports.catalogue.describe(model, base.lane);
    const pinned = await ports.inputSnapshots.pin(file, id);
    const files = [{ name, ...pinned, format, compression }];
    const input = { uri, sizeBytes: pinned.sizeBytes, files };
    const size = await estimateInput(ports.objectStore, files, rowOptionsOf(options));
    const { workers: maxWorkers, mixed } = options;
    const free = { lane: undefined, deadlineMs: undefined, maxUsd: undefined, maxWorkers, mixed };
    const route = await ports.routeJob?.({ tenant, model, ...size, ...free });
    const routed = route === undefined ? {} : { lane: route.lane, route };
    return await registerJob(ports, { ...base, input, options, ...routed });
  } catch (error) {
    if (!(error instanceof SwitchyardError) || error.code === 'object_changed') throw error;
    const input = { uri, sizeBytes: 0, files: [] };
    return await registerFailedJob(ports, { ...base, input, options: {} }, (job) =>
      failJob(ports, { job, run: 0 }, error),
    );
  }
}

interface OptionsFile {
  /** How its owner knows it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isTooLarge?: boolean;
}

/** Every option with its longest value, twice. */
const OPTIONS_BYTES = 131_072;

/** `<file>.options.json`, else what came with the file, else `_options.json` of its folder. */
async function readOptionsFile(
  ports: JobPorts,
  { key, options }: DroppedFile,
): Promise<OptionsFile | undefined> {
  const folder = key.slice(0, key.lastIndexOf('/') + 1);
  const own = await readNamed(ports, `${key}.options.json`);
  if (own !== undefined) return own;
  if (options !== undefined) return { name: 'the metadata of the file', bytes: options };
  return await readNamed(ports, `${folder}_options.json`);
}

/** Whoever may drop files may drop a large one of this name: it is never read into memory. */
async function readNamed(ports: JobPorts, key: string): Promise<OptionsFile | undefined> {
  const name = key.slice(key.lastIndexOf('/') + 1);
  const head = await ports.objectStore.head(key);
  if (head === undefined) return undefined;
  // In the job's id its version stands for what it says.
  const isTooLarge = head.sizeBytes > OPTIONS_BYTES;
  if (isTooLarge) return { name, isTooLarge, bytes: new TextEncoder().encode(head.etag) };
  const bytes = await ports.objectStore.read(key);
  return bytes && { name, bytes };
}

function parseOptions(file: OptionsFile | undefined, limits: Limits): JobOptions {
  if (file === undefined) return {};
  if (file.isTooLarge) {
    const detail = `the options in ${file.name} have more than ${OPTIONS_BYTES} bytes; shorten them`;
    throw new SwitchyardError('invalid_request', detail);
  }
  try {
    return parseWith(jobOptionsSchema, parseJson(file.bytes, limits));
  } catch (error) {
    if (!(error instanceof SwitchyardError)) throw error;
    const detail = `the options in ${file.name} are not valid: ${error.detail}`;
    throw new SwitchyardError('invalid_request', detail, { members: error.members });
  }
}

/** A drop is the file that stood still; those that a manifest names may still be on their way. */
function refuseManifest(options: JobOptions): void {
  if (options.manifest !== true) return;
  const detail = 'a manifest cannot be dropped; name it as the input of POST /jobs';
  throw new SwitchyardError('invalid_request', detail);
}
