import { type Command, InvalidArgumentError, Option } from 'commander';

/** Options of every command that works on a deployment in AWS. */
export interface DeploymentOptions {
  readonly deployment: string;
  readonly region: string;
  readonly json: boolean;
}

export function addDeploymentOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--deployment <name>', 'name of the deployment, as in its config')
        .env('SWITCHYARD_DEPLOYMENT')
        .default('switchyard')
        .argParser(parseName),
    )
    .addOption(
      new Option('--region <region>', 'AWS region of the deployment')
        .env('AWS_REGION')
        .default('us-east-1'),
    )
    .option('--json', 'print JSON only', false);
}

function parseName(text: string): string {
  if (/^[a-z][a-z0-9-]{0,22}[a-z0-9]$/.test(text)) return text;
  throw new InvalidArgumentError('It must be 2–24 lower-case letters, digits and "-".');
}
