import type { RowOptions } from '#core/contract/job.ts';
import type { InputFile } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';

/** Rows of a job and bytes of their texts, before the input is read. */
export interface EstimatedInput {
  readonly items: number;
  readonly bytes: number;
}

const SAMPLE_BYTES = 65_536;
/** Where nothing can be sampled: text that people wrote, packed as usual. */
const GZIP_RATIO = 4;
const PARQUET_RATIO = 2;
const BYTES_PER_ROW = 80;

/** From the first 64 KiB of the first file that can be sampled; the others are taken to be like it. */
export async function estimateInput(
  objectStore: Pick<ObjectStore, 'read'>,
  files: readonly InputFile[],
  rows: RowOptions,
): Promise<EstimatedInput> {
  const plainBytes = files.reduce((sum, file) => sum + file.sizeBytes * ratioOf(file), 0);
  const first = files.find(
    (file) => file.compression === 'none' && file.format !== 'parquet' && file.sizeBytes > 0,
  );
  const sample = first === undefined ? undefined : await sampleOf(objectStore, first, rows);
  if (sample === undefined) {
    return { items: Math.ceil(plainBytes / BYTES_PER_ROW), bytes: plainBytes };
  }
  const times = plainBytes / sample.sizeBytes;
  return { items: Math.ceil(sample.items * times), bytes: Math.ceil(sample.textBytes * times) };
}

function ratioOf({ compression, format }: InputFile): number {
  if (compression === 'gzip') return GZIP_RATIO;
  return format === 'parquet' ? PARQUET_RATIO : 1;
}

async function sampleOf(objectStore: Pick<ObjectStore, 'read'>, file: InputFile, rows: RowOptions) {
  const range = { startByte: 0, endByte: SAMPLE_BYTES };
  const bytes = await objectStore.read(file.key, { range, ifMatch: file.etag });
  if (bytes === undefined) return undefined;
  const isWhole = bytes.length >= file.sizeBytes;
  const end = isWhole ? bytes.length : bytes.lastIndexOf(10) + 1;
  if (end === 0) return undefined;
  const isTable = file.format === 'csv' || file.format === 'tsv';
  const lines = new TextDecoder()
    .decode(bytes.subarray(0, end))
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(isTable ? 1 : 0);
  const texts = file.format === 'jsonl' ? lines.map((line) => textIn(line, rows)) : lines;
  const textBytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { items: lines.length, textBytes, sizeBytes: end };
}

/** The text of a JSONL row; the whole line where it has none that is found at once. */
function textIn(line: string, rows: RowOptions): string {
  try {
    const row: unknown = JSON.parse(line);
    const text: unknown = Reflect.get(Object(row), rows.textColumn ?? 'text');
    return typeof text === 'string' ? text : line;
  } catch {
    return line;
  }
}
