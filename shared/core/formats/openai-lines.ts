import type { ItemId } from '../contract/job.ts';
import type { ItemAnswer } from '../contract/predict.ts';

/** What a line of OpenAI's batch output says besides the answer. */
export interface BatchLine {
  /** Job and row in one token: the same row of the same job has the same one, whatever was killed. */
  readonly token: string;
  readonly model: string;
  readonly encoding?: 'base64';
}

interface NamedRow {
  readonly id?: ItemId;
  readonly line: number;
  readonly file?: string;
}

/** `{id, custom_id, response: {status_code, request_id, body}, error: null}`. */
export function batchResultLine(
  row: NamedRow,
  batch: BatchLine,
  answer: ItemAnswer,
  { topK, variant }: { readonly topK: number | undefined; readonly variant: string | undefined },
): string {
  const body = {
    object: 'list',
    data: [answerBody(answer, batch, topK)],
    model: batch.model,
    usage: { prompt_tokens: answer.tokens, total_tokens: answer.tokens },
  };
  const response = { status_code: 200, request_id: `req_${batch.token}`, body };
  return batchLine(row, batch, { response, error: null, variant });
}

/** `{id, custom_id, response: null, error: {code, message}}`; the message ends with the line. */
export function batchErrorLine(
  row: NamedRow,
  batch: BatchLine,
  error: { readonly code: string; readonly detail: string },
): string {
  const file = row.file === undefined ? '' : ` of ${row.file}`;
  const message = `${error.detail} (line ${row.line}${file})`;
  return batchLine(row, batch, { response: null, error: { code: error.code, message } });
}

function batchLine(row: NamedRow, batch: BatchLine, outcome: object): string {
  const line = { id: `batch_req_${batch.token}`, custom_id: row.id ?? null, ...outcome };
  return `${JSON.stringify(line)}\n`;
}

function answerBody(answer: ItemAnswer, batch: BatchLine, topK: number | undefined): object {
  if (answer.kind === 'embedding') {
    const { embedding } = answer;
    const vector = batch.encoding === 'base64' ? base64Of(embedding) : embedding;
    return { object: 'embedding', index: 0, embedding: vector };
  }
  const results = answer.scores.slice(0, topK ?? 1);
  return { object: 'classification', index: 0, results, truncated: answer.truncated };
}

/** Little-endian float32, as OpenAI's clients decode it. */
function base64Of(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (const [at, value] of vector.entries()) view.setFloat32(at * 4, value, true);
  return btoa(String.fromCharCode(...new Uint8Array(view.buffer)));
}
