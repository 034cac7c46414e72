import { itemResult } from '../contract/item-result.ts';
import type { ItemId } from '../contract/job.ts';
import type { ItemAnswer } from '../contract/predict.ts';
import { type BatchLine, batchErrorLine, batchResultLine } from './openai-lines.ts';
import type { JoinedInput } from './read-row-fields.ts';

/** Where a row stands in its file, and what its line repeats of it. */
export interface RowPlace {
  /** 0-based ordinal of the non-blank rows. */
  readonly index: number;
  /** 1-based physical line. */
  readonly line: number;
  /** First byte of the line. */
  readonly offset: number;
  readonly id?: ItemId;
  /** Name of its file, where the job has several. */
  readonly file?: string;
  /** Columns that the result line repeats; never in error lines. */
  readonly input?: JoinedInput;
  /** Set where the lines have the shape of OpenAI's batch API. */
  readonly batch?: BatchLine;
}

/** How lines show an answer. */
export interface LineShape {
  /** @default - the label alone */
  readonly topK?: number | undefined;
  /**
   * Of a mixed job: which variant of the model made the line.
   *
   * @default - not shown
   */
  readonly variant?: string | undefined;
}

/** A line of results.jsonl. Holds nothing that varies from run to run, but in a mixed job the variant. */
export function resultLine(
  place: RowPlace,
  answer: ItemAnswer,
  { topK, variant }: LineShape = {},
): string {
  if (place.batch !== undefined)
    return batchResultLine(place, place.batch, answer, { topK, variant });
  const truncated = answer.truncated ? { truncated: true } : {};
  const line = JSON.stringify({
    index: place.index,
    ...fileAndId(place),
    ...itemResult(answer, topK),
    ...truncated,
    variant,
  });
  if (place.input === undefined) return `${line}\n`;
  return `${line.slice(0, -1)},"input":${orderedJson(place.input)}}\n`;
}

/** A line of errors.jsonl. */
export function errorLine(
  place: RowPlace,
  error: { readonly code: string; readonly detail: string },
): string {
  if (place.batch !== undefined) return batchErrorLine(place, place.batch, error);
  const { index, line, offset } = place;
  const { file, id } = fileAndId(place);
  const { code, detail } = error;
  return `${JSON.stringify({ index, file, line, offset, id, error: { code, detail } })}\n`;
}

function fileAndId({ file, id }: RowPlace): { readonly file?: string; readonly id?: ItemId } {
  return { ...(file === undefined ? {} : { file }), ...(id === undefined ? {} : { id }) };
}

// By hand: an object of its own would put columns that are named like numbers first.
function orderedJson(columns: JoinedInput): string {
  const members = columns.map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return `{${members.join(',')}}`;
}
