import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { bulkOutputsSchema, stackNamesOf } from '#core/deployment/stack-outputs.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';

/** Outputs of a deployment's bulk stack. Throws {@link CliError} `no_deployment`. Imported late: it loads the SDK. */
export async function readBulkOutputs(place: {
  readonly deployment: string;
  readonly region: string;
}) {
  const { deployment, region } = place;
  const outputs = await readStackOutputs(stackNamesOf(deployment).bulk, { region });
  if (outputs !== undefined) return bulkOutputsSchema.parse(outputs);
  const detail = `there is no deployment "${deployment}" in ${region}`;
  const remedy = 'Name another with --deployment and --region.';
  throw new CliError(exitCodes.usage, 'no_deployment', detail, { remedy });
}
