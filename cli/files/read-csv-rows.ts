import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** The rows of a CSV file by the names of its header. */
export async function readCsvRows(
  file: string,
): Promise<readonly Readonly<Record<string, string>>[]> {
  try {
    return parse(await readFile(file), { columns: true, bom: true });
  } catch (cause) {
    const detail = `${file} cannot be read as CSV with a header`;
    const remedy = 'Check the path, and that every line has as many fields as the first.';
    throw new CliError(exitCodes.usage, 'unreadable_trace', detail, { remedy, cause });
  }
}
