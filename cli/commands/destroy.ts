import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { addDeploymentOptions, type DeploymentOptions } from '../service/deployment-options.ts';
import { printResult, type Terminal } from '../terminal/terminal.ts';

interface DestroyOptions extends DeploymentOptions {
  readonly purge: boolean;
  readonly yes: boolean;
}

/** `switchyard destroy`: ends a deployment, and says what is left. */
export function defineDestroy(program: Command, terminal: Terminal): Command {
  const command = program
    .command('destroy')
    .description(
      'End a deployment in AWS; the data bucket stays, with everything that users put in and got out',
    )
    .option('--purge', 'also delete the data bucket and its access logs, for ever', false)
    .option('--yes', 'do it', false);
  return addDeploymentOptions(command).action(async (options: DestroyOptions) => {
    const { deployment, region, purge, json } = options;
    if (!options.yes) throw needsYes(options);
    const [{ createDeployedStacks }, { endDeployment }] = await Promise.all([
      import('#adapters/aws/account/deployed-stacks.ts'),
      import('#work/deployment/end-deployment.ts'),
    ]);
    const { variables } = terminal;
    const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
    const ended = await endDeployment(createDeployedStacks({ region, endpoint }), {
      name: deployment,
      purge,
    });
    const lines = [
      `gone: ${ended.removedStacks.join(', ')}, and ${ended.removedObjects} objects`,
      ...ended.keptBuckets.map((bucket) => `kept: s3://${bucket}`),
      'kept: the role by which API Gateway writes logs; it is the account’s',
    ];
    printResult(terminal, { json, document: ended, lines });
  });
}

function needsYes({ deployment, region, purge }: DestroyOptions): CliError {
  const kept = purge
    ? 'the data bucket and its access logs too'
    : 'not the data bucket and its access logs';
  return new CliError(
    exitCodes.usage,
    'not_confirmed',
    `this would delete the deployment "${deployment}" in ${region}: the API, the functions, the queues, jobs and keys; ${kept}`,
    { remedy: 'Say --yes to do it.' },
  );
}
