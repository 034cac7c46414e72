import type { SchemaElement } from 'hyparquet';
import type { RowOptions } from '#core/contract/job.ts';
import { chooseTextColumn } from '#core/formats/choose-text-column.ts';
import { UnusableInput } from '#core/formats/unusable-input.ts';

/** A column at the top of a Parquet schema. */
export interface ParquetColumn {
  readonly name: string;
  /** `string`: text; `bytes`: text if the user says so; `other`: a value; `closed`: cannot be read. */
  readonly kind: 'string' | 'bytes' | 'other' | 'closed';
  readonly element: SchemaElement;
}

/** What a job reads from a Parquet file; other columns are never fetched. */
export interface ChosenColumns {
  readonly text: ParquetColumn;
  /** All columns to read, the text's among them, in the order of the file. */
  readonly read: readonly ParquetColumn[];
}

/** Names under which a row's own name is looked for. */
export const idColumns: readonly string[] = ['id', 'custom_id'];

/** Columns at the top of a schema, in the order of the file. */
export function parquetColumnsOf(schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  for (let at = 1; at < schema.length; at = afterSubtree(schema, at)) {
    const element = schema[at];
    if (element !== undefined) columns.push({ name: element.name, kind: kindOf(element), element });
  }
  return columns;
}

/**
 * The text's column: the one asked for, else `text`, else the only column of strings that is no id;
 * beside it `id`, `custom_id` and what `join` keeps. Throws `invalid_request`, naming the columns, where none fits.
 */
export function chooseParquetColumns(
  columns: readonly ParquetColumn[],
  options: Pick<RowOptions, 'textColumn' | 'join'> & { readonly fileName: string },
): ChosenColumns {
  const open = columns.filter(({ kind }) => kind !== 'closed');
  const names = open.map(({ name }) => name);
  const strings = open.filter(({ kind }) => kind === 'string').map(({ name }) => name);
  const candidates = strings.filter((name) => !idColumns.includes(name));
  const only = names.includes('text') || candidates.length !== 1 ? undefined : candidates[0];
  const textColumn = options.textColumn ?? only;
  const wanted = textColumn === undefined ? options : { ...options, textColumn };
  const name = chooseTextColumn(names, wanted);
  const text = open.find((column) => column.name === name);
  if (text === undefined || text.kind === 'other') {
    throw new UnusableInput(
      'invalid_request',
      `${options.fileName}: its text column holds no strings; name another one in the option textColumn. Its columns of strings: ${strings.join(', ') || 'none'}`,
    );
  }
  const kept = new Set([
    name,
    'id',
    'custom_id',
    ...(Array.isArray(options.join) ? options.join : []),
  ]);
  return { text, read: open.filter((column) => options.join === true || kept.has(column.name)) };
}

function kindOf({ type, repetition_type, converted_type, logical_type }: SchemaElement) {
  if (type === undefined || repetition_type === 'REPEATED') return 'closed';
  if (converted_type === 'BSON' || converted_type === 'INTERVAL') return 'closed';
  if (type !== 'BYTE_ARRAY') return 'other';
  if (converted_type === 'UTF8' || converted_type === 'ENUM') return 'string';
  if (logical_type?.type === 'STRING' || logical_type?.type === 'ENUM') return 'string';
  return converted_type === undefined && logical_type === undefined ? 'bytes' : 'other';
}

function afterSubtree(schema: readonly SchemaElement[], root: number): number {
  let next = root + 1;
  for (let left = schema[root]?.num_children ?? 0; left > 0 && next < schema.length; left--) {
    next = afterSubtree(schema, next);
  }
  return next;
}
