import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { type BillRow, billRowSchema } from '#core/cost/report/bill-row.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { openRegularFile } from '../files/open-regular-file.ts';

/** Reads a Cost and Usage Report (CUR 2.0, CSV). Columns that are not needed are left out. */
export async function readBill(file: string): Promise<readonly BillRow[]> {
  const rows: BillRow[] = [];
  // A pipe would not hand on the errors of its source.
  const bytes = (await openRegularFile(file)).createReadStream();
  const lines = bytes.pipe(parse({ columns: true, skip_empty_lines: true, bom: true }));
  try {
    for await (const line of lines) {
      const parsed = billRowSchema.safeParse(line);
      if (!parsed.success) throw notABill(file, parsed.error.issues[0]?.path.join('.') ?? '');
      rows.push(parsed.data);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw notABill(file, '', error);
  }
  if (rows.length === 0) throw notABill(file, 'it has no rows');
  return rows;
}

function notABill(file: string, what: string, cause?: unknown): CliError {
  const detail = `${basename(file)} is not a Cost and Usage Report that can be read: ${what}`;
  return new CliError(exitCodes.usage, 'invalid_bill', detail, {
    remedy: 'Export CUR 2.0 as CSV with the line_item_* columns and resource_tags.',
    ...(cause === undefined ? {} : { cause }),
  });
}
