import type { InputContext, InputReader } from './input-reader.ts';
import { LineReader } from './line-reader.ts';

/** The reader of a file's format. */
export function openInputReader(context: InputContext): InputReader {
  switch (context.file.format) {
    case 'jsonl':
    case 'lines':
      return new LineReader(context);
  }
}
