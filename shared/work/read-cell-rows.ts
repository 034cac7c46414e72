import type { Limits } from '#core/contract/limits.ts';
import type { RowPlace } from '#core/formats/output-lines.ts';
import { type ParsedRow, rowParserFor } from '#core/formats/parse-row.ts';
import { splitLines } from '#core/formats/split-lines.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/** A row of the input: where it stands and what it says. */
export type PlacedRow = RowPlace & { readonly parsed: ParsedRow };

interface CellSource {
  readonly objectStore: ObjectStore;
  readonly limits: Limits;
  readonly job: JobRecord;
}

/** The rows of a cell, in order. Throws `object_changed` where they are not the planned ones. */
export async function readCellRows(context: CellSource, cell: Cell): Promise<PlacedRow[]> {
  const { job, limits } = context;
  const chunks = context.objectStore.stream(job.input.key, {
    range: { startByte: cell.startByte, endByte: cell.endByte },
    ifMatch: job.input.etag,
  });
  const parse = rowParserFor(job.input.format, limits);
  const source = { startByte: cell.startByte, lineBytes: limits.lineBytes };
  const rows: PlacedRow[] = [];
  let line = cell.firstLine;
  for await (const physical of splitLines(chunks, source)) {
    if (!physical.blank) {
      const parsed = parse(physical);
      const id = parsed.id === undefined ? {} : { id: parsed.id };
      const index = cell.firstIndex + rows.length;
      rows.push({ index, line, offset: physical.offset, ...id, parsed });
    }
    line += 1;
  }
  if (rows.length === cell.rows) return rows;
  throw new SwitchyardError(
    'object_changed',
    `bytes ${cell.startByte} to ${cell.endByte} of the input hold ${rows.length} rows, ${cell.rows} were planned`,
  );
}
