import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { addServiceOptions, connect, type ServiceOptions, wholeNumber } from '../common-options.ts';
import { exitCodes } from '../exit-codes.ts';
import type { PredictAnswer } from '../service/service-answers.ts';
import { printNote, printResult, type Terminal } from '../terminal/terminal.ts';

interface PredictOptions extends ServiceOptions {
  /** @default - the service's default model */
  readonly model?: string;
  /** @default - the best label only */
  readonly topK?: number;
}

/** Far above any limit of a text; only keeps an endless pipe from filling the memory. */
const maxStdinBytes = 8_388_608;

export function definePredict(program: Command, terminal: Terminal): Command {
  const command = program
    .command('predict')
    .description('Classify or embed one text')
    .argument('<text>', 'the text; - reads it from standard input')
    .option('--model <name>', 'model to ask')
    .option('--top-k <count>', 'how many labels to show', wholeNumber({ least: 1, most: 100 }));
  return addServiceOptions(command).action(async (text: string, options: PredictOptions) => {
    const client = await connect(options);
    const { model, topK } = options;
    const body = { text: text === '-' ? await readText(terminal) : text, model, topK };
    const answer = await client.predict(body);
    printResult(terminal, { json: options.json, document: answer, lines: answerLines(answer) });
    if (answer.truncated && !options.json) {
      printNote(terminal, 'The text was longer than the model reads; its end was left out.');
    }
  });
}

function answerLines(answer: PredictAnswer): readonly string[] {
  if (answer.embedding !== undefined) return [JSON.stringify(answer.embedding)];
  const { label = '', score = 0 } = answer;
  return (answer.scores ?? [{ label, score }]).map(
    (each) => `${each.label} ${each.score.toFixed(3)}`,
  );
}

async function readText({ stdin }: Terminal): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > maxStdinBytes) {
      throw new CliError(
        exitCodes.usage,
        'input_too_large',
        `standard input has more than ${maxStdinBytes} bytes, far more than a text may have`,
        { remedy: 'Put one text on each line of a file and use "switchyard submit".' },
      );
    }
    chunks.push(bytes);
  }
  // The line end is the shell's, not the text's.
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}
