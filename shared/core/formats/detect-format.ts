import type { InputFormat } from '../contract/job.ts';
import type { InputFile } from '../jobs/job-record.ts';
import { SwitchyardError } from '../switchyard-error.ts';

const formatOfSuffix: Readonly<Record<string, InputFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  txt: 'lines',
  text: 'lines',
  lines: 'lines',
  csv: 'csv',
  tsv: 'tsv',
  parquet: 'parquet',
};

/**
 * Format and compression of a file by its suffix; `wanted` wins over the suffix's format. Throws
 * `unsupported_format`, naming the suffixes that work.
 */
export function detectFormat(
  fileName: string,
  wanted: InputFormat | undefined,
): Pick<InputFile, 'format' | 'compression'> {
  const isGzip = /\.gz$/i.test(fileName);
  const compression = isGzip ? 'gzip' : 'none';
  const suffix = suffixOf(isGzip ? fileName.slice(0, -'.gz'.length) : fileName);
  const format = wanted ?? formatOfSuffix[suffix];
  if (format !== undefined) return { format, compression };
  const suffixes = Object.keys(formatOfSuffix).map((known) => `.${known}`);
  // Only a plain word is repeated: anything else is the caller's text.
  const found = /^[a-z0-9]{1,10}$/.test(suffix) ? `the suffix ".${suffix}" is` : 'its suffix is';
  throw new SwitchyardError(
    'unsupported_format',
    `the file's format is unknown: ${found} none of ${suffixes.join(', ')} (also with .gz); rename it, or set "format" in the job's options`,
  );
}

function suffixOf(fileName: string): string {
  const dot = fileName.lastIndexOf('.');
  return dot === -1 ? '' : fileName.slice(dot + 1).toLowerCase();
}
