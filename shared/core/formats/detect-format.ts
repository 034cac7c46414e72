import type { InputFormat } from '../contract/job.ts';
import { SwitchyardError } from '../switchyard-error.ts';

const formatOfSuffix: Readonly<Record<string, InputFormat>> = {
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  txt: 'lines',
  text: 'lines',
  lines: 'lines',
};

/** The format of a file by its suffix. Throws `unsupported_format`, naming the ones that work. */
export function detectFormat(fileName: string): InputFormat {
  const dot = fileName.lastIndexOf('.');
  const suffix = dot === -1 ? '' : fileName.slice(dot + 1).toLowerCase();
  const format = formatOfSuffix[suffix];
  if (format !== undefined) return format;
  const suffixes = Object.keys(formatOfSuffix).map((known) => `.${known}`);
  throw new SwitchyardError(
    'unsupported_format',
    `the file's suffix ${suffix === '' ? 'is missing' : `".${suffix.slice(0, 16)}" is not known`}; use ${suffixes.join(', ')}, or set "format" to "jsonl" or "lines" in the job's options`,
  );
}
