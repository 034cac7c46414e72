import { createHash } from 'node:crypto';
import type { ItemOutcome } from '#core/contract/predict.ts';
import { errorLine, type LineShape, resultLine } from '#core/formats/output-lines.ts';
import { jobKeys } from '#core/jobs/job-keys.ts';
import type { Cell } from '#core/jobs/job-plan.ts';
import type { JobRecord } from '#core/jobs/job-record.ts';
import { encodePart, type PartFooter } from '#core/jobs/part-format.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import type { PlacedRow } from '../input/input-reader.ts';
import type { CellModel } from './cell-model.ts';
import { runTexts } from './run-texts.ts';

interface CellContext {
  readonly objectStore: ObjectStore;
  readonly clock: Clock;
  readonly model: CellModel;
  readonly job: JobRecord;
  readonly attemptId: string;
}

/**
 * Runs the model over the good rows of a cell and commits results and errors as one part. Repeating it
 * gives the same sections; a part that is already there stays as it is.
 */
export async function runCell(
  context: CellContext,
  cell: Cell,
  rows: readonly PlacedRow[],
): Promise<void> {
  const startedMillis = context.clock.monotonicMillis();
  const outcomes = await runTexts(context.model, rows.flatMap(goodText));
  const inferenceMillis = Math.max(0, context.clock.monotonicMillis() - startedMillis);
  const { topK, mixed } = context.job;
  const variant = mixed === undefined ? undefined : context.model.provenance.variant;
  const sections = writeLines(rows, outcomes, { topK, variant });
  const footer: PartFooter = {
    schema: 1,
    file: cell.file,
    startPosition: cell.startPosition,
    endPosition: cell.endPosition,
    firstIndex: cell.firstIndex,
    results: describeSection(sections.results),
    errors: describeSection(sections.errors),
    attemptId: context.attemptId,
    ...context.model.provenance,
    tokens: outcomes.reduce((sum, outcome) => sum + (outcome.ok ? outcome.answer.tokens : 0), 0),
    inferenceMillis,
  };
  const part = encodePart({
    results: sections.results.bytes,
    errors: sections.errors.bytes,
    footer,
  });
  // False means that somebody committed this cell before: the bytes that count are the same.
  await context.objectStore.putIfAbsent(jobKeys.part(context.job.id, cell), part);
}

function goodText(row: PlacedRow): string[] {
  return row.parsed.ok ? [row.parsed.text] : [];
}

interface Section {
  readonly bytes: Uint8Array;
  readonly rows: number;
}

function writeLines(
  rows: readonly PlacedRow[],
  outcomes: readonly ItemOutcome[],
  shape: LineShape,
): { results: Section; errors: Section } {
  const results: string[] = [];
  const errors: string[] = [];
  let good = 0;
  for (const row of rows) {
    const outcome = row.parsed.ok ? outcomes[good++] : row.parsed;
    if (outcome === undefined) {
      throw new SwitchyardError('internal', 'the model gave fewer answers than it got texts');
    }
    if (!outcome.ok) errors.push(errorLine(row, outcome.error));
    else if ('answer' in outcome) results.push(resultLine(row, outcome.answer, shape));
  }
  return { results: section(results), errors: section(errors) };
}

function section(lines: readonly string[]): Section {
  return { bytes: new TextEncoder().encode(lines.join('')), rows: lines.length };
}

function describeSection(section: Section) {
  const sha256 = createHash('sha256').update(section.bytes).digest('hex');
  return { sizeBytes: section.bytes.length, rows: section.rows, sha256 };
}
