import type { MadeInput, MadeRow } from './make-workload.ts';
import { labelOf } from './simulated-model.ts';

/** results.jsonl as it must be, byte for byte: written from the made rows, not by the product. */
export function expectedResults(input: MadeInput): string {
  return input.rows
    .map(({ index, id, outcome }) => {
      if ('code' in outcome) return '';
      const named = id === undefined ? {} : { id };
      return `${JSON.stringify({ index, ...named, ...labelOf(outcome.text) })}\n`;
    })
    .join('');
}

/** What is wrong with errors.jsonl, or undefined. Its details are free text; all else is compared. */
export function errorsProblem(input: MadeInput, errors: string): string | undefined {
  const bad = input.rows.filter(({ outcome }) => 'code' in outcome);
  const lines = errors.split('\n');
  if (lines.pop() !== '' || lines.length !== bad.length) {
    return `errors.jsonl has ${lines.length} lines, ${bad.length} rows are bad`;
  }
  const wrong = bad.findIndex((row, at) => withoutDetail(lines[at] ?? '') !== expectedError(row));
  return wrong === -1
    ? undefined
    : `error line ${wrong + 1}: ${lines[wrong]} for ${JSON.stringify(bad[wrong])}`;
}

function expectedError({ index, line, offset, id, outcome }: MadeRow): string {
  const code = 'code' in outcome ? outcome.code : '';
  return JSON.stringify({ index, line, offset, ...(id !== undefined && { id }), error: { code } });
}

function withoutDetail(line: string): string {
  const { error, ...place } = JSON.parse(line);
  return JSON.stringify({ ...place, error: { code: error.code } });
}
