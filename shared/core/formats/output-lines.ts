import { itemResult } from '../contract/item-result.ts';
import type { ItemId } from '../contract/job.ts';
import type { ItemAnswer } from '../contract/predict.ts';

/** Where a row stands in its file. */
export interface RowPlace {
  /** 0-based ordinal of the non-blank rows. */
  readonly index: number;
  /** 1-based physical line. */
  readonly line: number;
  /** First byte of the line. */
  readonly offset: number;
  readonly id?: ItemId;
}

/** A line of results.jsonl. Holds nothing that varies from run to run. */
export function resultLine(place: RowPlace, answer: ItemAnswer, topK: number | undefined): string {
  const id = place.id === undefined ? {} : { id: place.id };
  const truncated = answer.truncated ? { truncated: true } : {};
  return `${JSON.stringify({ index: place.index, ...id, ...itemResult(answer, topK), ...truncated })}\n`;
}

/** A line of errors.jsonl. */
export function errorLine(
  place: RowPlace,
  error: { readonly code: string; readonly detail: string },
): string {
  const { index, line, offset, id } = place;
  const named = id === undefined ? {} : { id };
  return `${JSON.stringify({ index, line, offset, ...named, error: { code: error.code, detail: error.detail } })}\n`;
}
