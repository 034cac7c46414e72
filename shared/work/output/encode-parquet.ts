import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { asText, type ColumnKind, type ResultColumn } from './result-columns.ts';
import type { ResultLine, SizedLine } from './result-lines.ts';

/** A row group is held in memory whole while it is encoded. */
const GROUP_BYTES = 4 * 1_048_576;
const GROUP_ROWS = 16_384;

/** Stands in the file; without a version of ours, so that an update does not change the bytes. */
const CREATED_BY = 'switchyard';

/**
 * Parquet, snappy, one row group per 16,384 lines or 4 MiB of them, whichever comes first. Lists of
 * numbers are lists of doubles, columns of mixed kinds and objects are JSON texts; every column but
 * `index` may be null.
 */
export async function* encodeParquet(
  lines: AsyncIterable<SizedLine>,
  columns: readonly ResultColumn[],
): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const schema = schemaOf(columns);
  const parquet = new ParquetWriter({ writer, schema, codec: 'SNAPPY', createdBy: CREATED_BY });
  let group: ResultLine[] = [];
  let groupBytes = 0;
  const writeGroup = (): void => {
    const columnData = columns.map((column) => ({
      name: column.name,
      data: group.map((line) => cellOf(column, line)),
    }));
    // Only a writer that flushes by itself gives a promise here.
    void parquet.write({ columnData, rowGroupSize: group.length });
    group = [];
    groupBytes = 0;
  };
  for await (const { line, sizeBytes } of lines) {
    group.push(line);
    groupBytes += sizeBytes;
    if (group.length < GROUP_ROWS && groupBytes < GROUP_BYTES) continue;
    writeGroup();
    yield taken(writer);
  }
  if (group.length > 0) writeGroup();
  await parquet.finish();
  yield taken(writer);
}

/** The bytes so far; the writer goes on with an empty buffer and the right position. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = Uint8Array.from(writer.getBytes());
  writer.index = 0;
  return bytes;
}

function schemaOf(columns: readonly ResultColumn[]): SchemaElement[] {
  const root: SchemaElement = { name: 'results', num_children: columns.length };
  return [root, ...columns.flatMap(elementsOf)];
}

function elementsOf({ name, kind }: ResultColumn): SchemaElement[] {
  if (kind !== 'numbers') {
    const repetition_type = name === 'index' ? 'REQUIRED' : 'OPTIONAL';
    return [{ name, repetition_type, ...leafTypes[kind] }];
  }
  return [
    {
      name,
      repetition_type: 'OPTIONAL',
      num_children: 1,
      converted_type: 'LIST',
      logical_type: { type: 'LIST' },
    },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', repetition_type: 'OPTIONAL', type: 'DOUBLE' },
  ];
}

const textType = {
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
} as const satisfies Omit<SchemaElement, 'name'>;

const leafTypes = {
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  string: textType,
  json: textType,
} as const satisfies Record<Exclude<ColumnKind, 'numbers'>, Omit<SchemaElement, 'name'>>;

function cellOf({ kind, valueIn }: ResultColumn, line: ResultLine): unknown {
  const value = valueIn(line);
  if (value === undefined || value === null) return null;
  switch (kind) {
    case 'integer':
      return BigInt(Number(value));
    case 'string':
    case 'json':
      return asText(value);
    case 'number':
    case 'boolean':
    case 'numbers':
      return value;
  }
}
