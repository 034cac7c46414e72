import { createApiGatewayUsageKeys } from '#adapters/aws/account/api-gateway-usage-keys.ts';
import { readStackOutputs } from '#adapters/aws/account/read-stack-outputs.ts';
import { openS3Access } from '#adapters/aws/s3/s3-access.ts';
import { createS3ObjectStore } from '#adapters/aws/s3/s3-object-store.ts';
import { systemClock } from '#adapters/local/system-clock.ts';
import {
  bulkOutputsSchema,
  servingOutputsSchema,
  stackNamesOf,
} from '#core/deployment/stack-outputs.ts';
import type { KeyPorts } from '#work/deployment/api-keys.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import type { DeploymentOptions } from './deployment-options.ts';

/** What the key commands work with. Imported late: it loads the SDK. */
export async function openDeploymentKeys(
  { deployment, region }: DeploymentOptions,
  variables: Readonly<Record<string, string | undefined>>,
): Promise<KeyPorts & { readonly plan: string; readonly apiUrl: string }> {
  const names = stackNamesOf(deployment);
  const [serving, bulk] = await Promise.all(
    [names.serving, names.bulk].map((name) => readStackOutputs(name, { region })),
  );
  if (serving === undefined || bulk === undefined) {
    throw new CliError(
      exitCodes.usage,
      'no_deployment',
      `there is no deployment "${deployment}" in ${region}`,
      { remedy: 'Make it with "npm run deploy", or name another with --deployment and --region.' },
    );
  }
  const { ApiUrl: apiUrl, UsagePlanId: plan } = servingOutputsSchema.parse(serving);
  if (plan === undefined) {
    throw new CliError(
      exitCodes.usage,
      'no_keys',
      `"${deployment}" knows its callers without keys`,
      {
        remedy: 'Set "auth": {"mode": "keys"} in its config and deploy it again to use keys.',
      },
    );
  }
  const { WorkBucketName: work } = bulkOutputsSchema.parse(bulk);
  const endpoint = variables['AWS_ENDPOINT_URL_S3'] ?? variables['AWS_ENDPOINT_URL'];
  const access = openS3Access({
    buckets: { work },
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    plan,
    apiUrl,
    objectStore: createS3ObjectStore(access),
    usageKeys: createApiGatewayUsageKeys({ region }),
    clock: systemClock,
  };
}
