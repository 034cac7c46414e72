import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import { bulkOutputsSchema, stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** The secret from which a deployment derives ids and signatures. Imported late: it loads the SDK. */
export async function readDeployedSecret(place: {
  readonly deployment: string;
  readonly region: string;
}): Promise<string> {
  const { deployment, region } = place;
  const outputs = await readStackOutputs(stackNamesOf(deployment).bulk, { region });
  const secretId = outputs && bulkOutputsSchema.parse(outputs).JobSecretArn;
  if (secretId !== undefined) return await createSecretsManagerSource({ secretId, region }).read();
  const isThere = outputs !== undefined;
  throw new CliError(
    exitCodes.usage,
    'no_deployment',
    isThere
      ? `"${deployment}" was deployed by a version that does not name its secret`
      : `there is no deployment "${deployment}" in ${region}`,
    {
      remedy: isThere
        ? 'Deploy it again with this one.'
        : 'Name another with --deployment and --region.',
    },
  );
}
