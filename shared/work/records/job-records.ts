import { createHash } from 'node:crypto';
import { UnusableInput } from '#core/formats/unusable-input.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import {
  fileListSchema,
  INLINE_FILES,
  JOB_SCHEMA,
  type JobHead,
  type JobRecord,
  type StoredJob,
  storedJobSchema,
} from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { encodeJson, readJsonObject } from './read-json-object.ts';

/** What describes a job: one small read, however many files it has. Undefined where there is no job. */
export async function readJobHead(
  objectStore: ObjectStore,
  jobId: string,
): Promise<JobHead | undefined> {
  const stored = await readStored(objectStore, jobId);
  return (
    stored && { ...stored, input: { uri: stored.input.uri, sizeBytes: stored.input.sizeBytes } }
  );
}

/** The whole job, with its files. Throws `corrupt_object` where either object is damaged. */
export async function readJobRecord(
  objectStore: ObjectStore,
  jobId: string,
): Promise<JobRecord | undefined> {
  const stored = await readStored(objectStore, jobId);
  if (stored === undefined || stored.schema === 1) return stored;
  const { fileList, ...input } = stored.input;
  const files = await readFileList(objectStore, fileList);
  return { ...stored, schema: 1, input: { ...input, files } };
}

/**
 * Makes the record stand, unless another one does already. The list of many files goes first, under a
 * name that follows from its content: of two callers that saw other files, each keeps its own list, and
 * job.json says which one counts. True where this record is the one that stands.
 */
export async function putJobRecord(objectStore: ObjectStore, record: JobRecord): Promise<boolean> {
  const key = jobKeys.record(record.id);
  if (record.input.files.length <= INLINE_FILES) {
    return await objectStore.putIfAbsent(key, encodeJson(record));
  }
  const { files, ...input } = record.input;
  const list = encodeJson(files);
  const sha256 = sha256Of(list);
  const fileList = { key: jobKeys.fileList(record.id, sha256), sha256 };
  await objectStore.putIfAbsent(fileList.key, list);
  const stored: StoredJob = { ...record, schema: 2, input: { ...input, fileList } };
  return await objectStore.putIfAbsent(key, encodeJson(stored));
}

function readStored(objectStore: ObjectStore, jobId: string): Promise<StoredJob | undefined> {
  return readJsonObject(objectStore, jobKeys.record(jobId), storedJobSchema, JOB_SCHEMA);
}

async function readFileList(
  objectStore: ObjectStore,
  { key, sha256 }: { readonly key: string; readonly sha256: string },
): Promise<JobRecord['input']['files']> {
  const bytes = await objectStore.read(key);
  if (bytes !== undefined && sha256Of(bytes) === sha256) {
    return fileListSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  }
  throw new UnusableInput(
    'corrupt_object',
    `${key}, the list of the job's files, is damaged or gone; submit the job again`,
  );
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
