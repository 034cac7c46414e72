import { CsvReader } from './csv-reader.ts';
import type { InputContext, InputReader } from './input-reader.ts';
import { LineReader } from './line-reader.ts';
import { ParquetReader } from './parquet-reader.ts';

/** The reader of a file's format. */
export function openInputReader(context: InputContext): InputReader {
  switch (context.file.format) {
    case 'jsonl':
    case 'lines':
      return new LineReader(context, context.file.format);
    case 'csv':
      return new CsvReader(context, ',');
    case 'tsv':
      return new CsvReader(context, '\t');
    case 'parquet':
      return new ParquetReader(context);
  }
}
