import type OpenAI from 'openai';
import * as z from 'zod';
import type { EscalationFailure } from '#core/contract/escalation.ts';
import type { EndpointTarget } from '#core/escalation/escalation-settings.ts';
import { labelOfAnswer, labelQuestion } from '#core/escalation/label-question.ts';
import type { RescoreOutcome, Rescorer, RescoreTokens } from '#core/ports/rescorer.ts';
import { CallGate } from './call-gate.ts';

export interface OpenAiRescorerOptions {
  readonly target: EndpointTarget;
  /** Longest wait for one try. */
  readonly timeoutMillis: number;
  /** Most questions at once, over all requests of this process. */
  readonly concurrency: number;
  /** The key; undefined where the endpoint wants none. Read again after it was refused. */
  readonly readKey: () => Promise<string | undefined>;
}

/** An OpenAI-compatible service gives the second answers: one question per text. */
export function createOpenAiRescorer(options: OpenAiRescorerOptions): Rescorer {
  const { target } = options;
  const asker = new LabelAsker(options);
  return {
    by: { kind: 'endpoint', model: target.model, host: new URL(target.baseUrl).host },
    rescore: async ({ texts, labels, signal }) =>
      await Promise.all(texts.map((text) => asker.ask(text, labels, signal))),
  };
}

class LabelAsker {
  readonly #options: OpenAiRescorerOptions;
  readonly #gate: CallGate;
  #client: Promise<OpenAI> | undefined;

  constructor(options: OpenAiRescorerOptions) {
    this.#options = options;
    this.#gate = new CallGate(options.concurrency);
  }

  /** Never throws; once aborted it resolves at once, whatever the client still does. */
  async ask(text: string, labels: readonly string[], signal: AbortSignal): Promise<RescoreOutcome> {
    const { promise: aborted, resolve } = Promise.withResolvers<RescoreOutcome>();
    const end = (): void => resolve(failed('timed_out'));
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      return await Promise.race([
        aborted,
        this.#gate.run(() => this.#askNow(text, labels, signal)),
      ]);
    } finally {
      signal.removeEventListener('abort', end);
    }
  }

  async #askNow(
    text: string,
    labels: readonly string[],
    signal: AbortSignal,
  ): Promise<RescoreOutcome> {
    if (signal.aborted) return failed('timed_out');
    const { target } = this.#options;
    const { askChat, chatFailure } = await import('./openai-requests.ts');
    try {
      const client = await this.#open();
      const question = labelQuestion(text, labels, target);
      const body = await askChat(client, question, { ...target, signal });
      return outcomeOf(body, labels);
    } catch (error) {
      const reason = chatFailure(error);
      // The key may have been changed since it was read.
      if (reason === 'refused') this.#client = undefined;
      return failed(reason);
    }
  }

  /** A failed reading of the key is tried again at the next question. */
  async #open(): Promise<OpenAI> {
    this.#client ??= this.#connect();
    try {
      return await this.#client;
    } catch (error) {
      this.#client = undefined;
      throw error;
    }
  }

  async #connect(): Promise<OpenAI> {
    const { target, timeoutMillis, readKey } = this.#options;
    const { openChatClient } = await import('./openai-requests.ts');
    return openChatClient({ ...target, key: await readKey(), timeoutMillis });
  }
}

const countSchema = z.int().nonnegative();

/** As much of a chat completion as is used; compatible services leave out the rest. */
const completionSchema = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.unknown() }) })),
  usage: z
    .object({ prompt_tokens: countSchema, completion_tokens: countSchema })
    .nullish()
    .catch(null),
});

function outcomeOf(body: unknown, labels: readonly string[]): RescoreOutcome {
  const completion = completionSchema.safeParse(body).data;
  if (completion === undefined) return failed('invalid_answer');
  const { usage, choices } = completion;
  const tokens = usage
    ? { input: usage.prompt_tokens, output: usage.completion_tokens }
    : undefined;
  const label = labelOfAnswer(choices[0]?.message.content, labels);
  if (label === undefined) return failed('invalid_answer', tokens);
  return { ok: true, label, truncated: false, tokens };
}

function failed(reason: EscalationFailure, tokens?: RescoreTokens): RescoreOutcome {
  return { ok: false, reason, tokens };
}
