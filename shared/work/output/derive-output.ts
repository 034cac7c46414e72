import { createHash } from 'node:crypto';
import type { OutputFormat } from '#core/contract/job.ts';
import { jobKeys, outputFiles } from '#core/jobs/job-keys.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectHead, ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { encodeCsv } from './encode-csv.ts';
import { encodeGzip } from './encode-gzip.ts';
import { encodeParquet } from './encode-parquet.ts';
import { type WrittenBytes, writePieces } from './piece-writer.ts';
import { findResultColumns } from './result-columns.ts';
import { resultLines } from './result-lines.ts';

/** Members of manifest.json about files that were made from results.jsonl; none without such a wish. */
export interface DerivedOutput {
  readonly derived?: Readonly<
    Record<string, { readonly rows: number; readonly size_bytes: number; readonly sha256: string }>
  >;
}

/**
 * Writes the results once more in the format that the job asks for, beside results.jsonl, unless that
 * file is there; results.jsonl stays the one that counts. Memory stays flat. The same results give the
 * same bytes, so a crash at any point is healed by doing it again. Throws `corrupt_object` where a
 * file of other content has the name.
 */
export async function deriveOutput(
  objectStore: ObjectStore,
  job: JobRecord,
  results: { readonly rows: number },
): Promise<DerivedOutput> {
  const { outputFormat } = job;
  if (outputFormat === undefined || outputFormat === 'jsonl') return {};
  const head = await objectStore.head(job.output.prefix + outputFiles.results);
  if (head === undefined) {
    throw new SwitchyardError('object_not_found', `${outputFiles.results} of ${job.id} is gone`);
  }
  const name = `results.${outputFormat}`;
  const prefix = jobKeys.derived(job.id, outputFormat);
  const content = await encode(objectStore, head, outputFormat);
  const written = await writePieces(objectStore, prefix, content);
  await joinPieces(objectStore, job.output.prefix + name, written);
  for await (const { key } of objectStore.list(prefix)) await objectStore.delete(key);
  const { sizeBytes, sha256 } = written;
  return { derived: { [name]: { rows: results.rows, size_bytes: sizeBytes, sha256 } } };
}

async function encode(
  objectStore: ObjectStore,
  results: ObjectHead,
  format: Exclude<OutputFormat, 'jsonl'>,
): Promise<AsyncIterable<Uint8Array>> {
  const { key, etag } = results;
  if (format === 'jsonl.gz') return encodeGzip(objectStore.stream(key, { ifMatch: etag }));
  const columns = await findResultColumns(resultLines(objectStore, results));
  const lines = resultLines(objectStore, results);
  switch (format) {
    case 'csv':
      return encodeCsv(lines, columns);
    case 'csv.gz':
      return encodeGzip(encodeCsv(lines, columns));
    case 'parquet':
      return encodeParquet(lines, columns);
  }
}

async function joinPieces(
  objectStore: ObjectStore,
  key: string,
  written: WrittenBytes,
): Promise<void> {
  try {
    await objectStore.concatenateIfAbsent(
      key,
      written.pieces.map((piece) => ({ key: piece })),
    );
  } catch (error) {
    // Another finisher was faster and has cleared the pieces away: then its file is there.
    const isGone = error instanceof SwitchyardError && error.code === 'object_not_found';
    if (!isGone || (await objectStore.head(key)) === undefined) throw error;
  }
  const hash = createHash('sha256');
  for await (const chunk of objectStore.stream(key)) hash.update(chunk);
  if (hash.digest('hex') === written.sha256) return;
  const detail = `${key} is not what its results give; something else wrote it: move it away and the job finishes`;
  throw new SwitchyardError('corrupt_object', detail);
}
