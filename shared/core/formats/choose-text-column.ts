import type { RowOptions } from '../contract/job.ts';
import { UnusableInput } from './unusable-input.ts';

/**
 * The column with the text: the one that was asked for, else `text`, else the only one. Throws
 * `invalid_request` with the names of the columns, also where `join` names one that is not there.
 */
export function chooseTextColumn(
  columns: readonly string[],
  options: Pick<RowOptions, 'textColumn' | 'join'> & {
    readonly fileName: string;
    /** Given where the columns were told apart by it. */
    readonly delimiter?: string;
  },
): string {
  const { textColumn, join, delimiter, fileName } = options;
  const refuse = (reason: string) =>
    new UnusableInput('invalid_request', `${fileName}: ${reason}. Its columns: ${listed(columns)}`);
  const [only] = columns;
  const fallback = columns.length === 1 ? only : undefined;
  const wanted = textColumn ?? (columns.includes('text') ? 'text' : fallback);
  if (wanted === undefined) {
    throw refuse(
      'no column is named "text" and there are several; name one in the option textColumn',
    );
  }
  if (!columns.includes(wanted)) throw refuse('the option textColumn names none of its columns');
  if (columns.indexOf(wanted) !== columns.lastIndexOf(wanted)) {
    throw refuse('two columns have the name of the text column; rename one');
  }
  const isGuess = textColumn === undefined && delimiter !== undefined;
  if (isGuess && OTHER_DELIMITERS.test(wanted)) {
    throw refuse(
      'its only column looks like several; set the option delimiter to what separates them',
    );
  }
  const missing = Array.isArray(join) ? join.some((column) => !columns.includes(column)) : false;
  if (missing) throw refuse('the option join names a column that is not there');
  return wanted;
}

const OTHER_DELIMITERS = /[,;\t|]/;

/** A header may be a megabyte long. */
function listed(columns: readonly string[]): string {
  const shown = columns.slice(0, SHOWN_COLUMNS).map((name) => `"${cut(name)}"`);
  const left = columns.length - shown.length;
  return left > 0 ? `${shown.join(', ')} and ${left} more` : shown.join(', ');
}

const SHOWN_COLUMNS = 20;
const SHOWN_UNITS = 40;

function cut(name: string): string {
  return name.length > SHOWN_UNITS ? `${name.slice(0, SHOWN_UNITS)}…` : name;
}
