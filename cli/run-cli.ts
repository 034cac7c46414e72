import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { CliError } from './cli-error.ts';
import { defineCancel } from './commands/cancel.ts';
import { defineDeployCheck } from './commands/deploy-check.ts';
import { defineDestroy } from './commands/destroy.ts';
import { defineDrift } from './commands/drift.ts';
import { defineKeys } from './commands/keys.ts';
import { definePredict } from './commands/predict.ts';
import { definePrices } from './commands/prices.ts';
import { defineQuote } from './commands/quote.ts';
import { defineReconcile } from './commands/reconcile.ts';
import { defineReplay } from './commands/replay.ts';
import { defineReport } from './commands/report.ts';
import { defineResults } from './commands/results.ts';
import { defineResume } from './commands/resume.ts';
import { defineServe } from './commands/serve.ts';
import { defineStatus } from './commands/status.ts';
import { defineSubmit } from './commands/submit.ts';
import { defineWarmPlan } from './commands/warm-plan.ts';
import { defineWebhookSecret } from './commands/webhook-secret.ts';
import { type ExitCode, exitCodeHelp, exitCodes, type SetExitCode } from './exit-codes.ts';
import { explainAwsFailure } from './service/aws-failure.ts';
import { printNote, type Terminal } from './terminal/terminal.ts';

/** Runs one command and gives its exit code; errors are shown, never thrown. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: ExitCode = exitCodes.ok;
  const program = createProgram(terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has shown its own message; help and version end here too, with 0.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    }
    const shown = asCliError(error);
    showError(shown, { terminal, json: args.includes('--json') });
    return shown.exitCode;
  }
}

function createProgram(terminal: Terminal, setExitCode: SetExitCode): Command {
  const program = new Command('switchyard')
    .description(
      'Small models behind an API: one text in milliseconds, a file of any size as a job',
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    });
  const commands = [
    defineServe(program, terminal),
    definePredict(program, terminal),
    defineQuote(program, terminal),
    defineWarmPlan(program, terminal),
    defineSubmit(program, terminal, setExitCode),
    defineStatus(program, terminal),
    defineResults(program, terminal, setExitCode),
    defineCancel(program, terminal),
    defineResume(program, terminal),
    defineReconcile(program, terminal),
    defineReport(program, terminal),
    defineDrift(program, terminal, setExitCode),
    ...definePrices(program, terminal),
    defineReplay(program, terminal),
    defineWebhookSecret(program, terminal),
    defineDeployCheck(program, terminal, setExitCode),
    defineDestroy(program, terminal),
    ...defineKeys(program, terminal),
  ];
  for (const command of [program, ...commands]) {
    command.addHelpText('after', exitCodeHelp).showHelpAfterError('Add --help to see the usage.');
  }
  return program;
}

/** package.json lies one folder above this file, in the sources and in the published package. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version?: unknown } = JSON.parse(text);
  return typeof version === 'string' ? version : 'unknown';
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof SwitchyardError) {
    const isUsage = ['unsupported_format', 'invalid_setting'].includes(error.code);
    const exitCode = isUsage ? exitCodes.usage : exitCodes.refused;
    return new CliError(exitCode, error.code, error.detail, { cause: error });
  }
  const ofAws = explainAwsFailure(error);
  if (ofAws !== undefined) return ofAws;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const remedy = 'This is a fault of the program: please report it with the lines above.';
  return new CliError(exitCodes.refused, 'internal', detail, { remedy, cause: error });
}

function showError(
  error: CliError,
  to: { readonly terminal: Terminal; readonly json: boolean },
): void {
  const { code, detail, remedy, requestId, exitCode } = error;
  if (to.json) {
    const document = { code, detail, remedy, request_id: requestId, exit_code: exitCode };
    printNote(to.terminal, JSON.stringify({ error: document }));
    return;
  }
  const request = requestId === undefined ? '' : `, request ${requestId}`;
  printNote(to.terminal, `switchyard: ${detail} (${code}${request})`);
  if (remedy !== undefined) printNote(to.terminal, remedy);
}
