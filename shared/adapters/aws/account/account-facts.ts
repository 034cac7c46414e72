import { DescribeInstanceTypeOfferingsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetAccountSettingsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetServiceQuotaCommand, ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { AccountFacts } from '#core/ports/account-facts.ts';
import { readStackOutputs } from './read-stack-outputs.ts';

/** EC2's quotas of vCPUs in instances of the families G and VT. */
const quotaCodes = { spot: 'L-3819A6DF', 'on-demand': 'L-DB2E81BA' } as const;

/**
 * Asks the account of the credentials found in the SDK's own order. Needs sts:GetCallerIdentity,
 * cloudformation:DescribeStacks, servicequotas:GetServiceQuota, ec2:DescribeInstanceTypeOfferings and
 * lambda:GetAccountSettings. Imports the SDK at once: whoever may not need it imports this file late.
 */
export function createAccountFacts(options: { readonly region: string }): AccountFacts {
  const connection = { region: options.region, maxAttempts: 3 };
  return {
    async identity() {
      const answer = await new STSClient(connection).send(new GetCallerIdentityCommand({}));
      return { account: answer.Account ?? '', principal: answer.Arn ?? '' };
    },
    async bootstrapVersion() {
      const outputs = await readStackOutputs('CDKToolkit', options);
      return outputs === undefined ? undefined : Number(outputs['BootstrapVersion'] ?? 0);
    },
    async gpuVcpus(kind) {
      const { Quota } = await new ServiceQuotasClient(connection).send(
        new GetServiceQuotaCommand({ ServiceCode: 'ec2', QuotaCode: quotaCodes[kind] }),
      );
      return Quota?.Value ?? 0;
    },
    async offeredTypes(instanceTypes) {
      const { InstanceTypeOfferings } = await new EC2Client(connection).send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: 'region',
          Filters: [{ Name: 'instance-type', Values: [...instanceTypes] }],
        }),
      );
      const offered = new Set(InstanceTypeOfferings?.map(({ InstanceType }) => InstanceType));
      return instanceTypes.filter((type) => [...offered].includes(type as never));
    },
    async concurrency() {
      const { AccountLimit } = await new LambdaClient(connection).send(
        new GetAccountSettingsCommand({}),
      );
      return {
        limit: AccountLimit?.ConcurrentExecutions ?? 0,
        unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
      };
    },
  };
}
