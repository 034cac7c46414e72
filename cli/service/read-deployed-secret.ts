import { createSecretsManagerSource } from '#adapters/aws/account/secrets-manager-source.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { readBulkOutputs } from './read-bulk-outputs.ts';

/** The secret from which a deployment derives ids and signatures. Imported late: it loads the SDK. */
export async function readDeployedSecret(place: {
  readonly deployment: string;
  readonly region: string;
}): Promise<string> {
  const { deployment, region } = place;
  const { JobSecretArn: secretId } = await readBulkOutputs(place);
  if (secretId !== undefined) return await createSecretsManagerSource({ secretId, region }).read();
  const detail = `"${deployment}" was deployed by a version that does not name its secret`;
  const remedy = 'Deploy it again with this one.';
  throw new CliError(exitCodes.usage, 'no_deployment', detail, { remedy });
}
