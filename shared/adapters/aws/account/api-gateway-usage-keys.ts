import {
  APIGatewayClient,
  CreateApiKeyCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
} from '@aws-sdk/client-api-gateway';
import type { UsageKeys } from '#core/ports/usage-keys.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

/**
 * API keys of API Gateway. Callers never send them: the authorizer names one by its value. Needs
 * apigateway:POST on /apikeys and on the plan's keys, and apigateway:DELETE on /apikeys/*. Imports the
 * SDK at once: whoever may not need it imports this file late.
 */
export function createApiGatewayUsageKeys(options: { readonly region: string }): UsageKeys {
  const client = new APIGatewayClient({ region: options.region, maxAttempts: 5 });
  return {
    async add({ value, name, plan }) {
      const { id } = await client.send(
        new CreateApiKeyCommand({ name: name.slice(0, 256), value, enabled: true }),
      );
      if (id === undefined) throw noId();
      try {
        await client.send(
          new CreateUsagePlanKeyCommand({ usagePlanId: plan, keyId: id, keyType: 'API_KEY' }),
        );
      } catch (error) {
        // On no plan it counts for nothing and would only be found by chance.
        await client.send(new DeleteApiKeyCommand({ apiKey: id }));
        throw error;
      }
      return id;
    },
    async remove(id) {
      try {
        await client.send(new DeleteApiKeyCommand({ apiKey: id }));
      } catch (error) {
        if (!(error instanceof Error && error.name === 'NotFoundException')) throw error;
      }
    },
  };
}

function noId(): SwitchyardError {
  return new SwitchyardError('internal', 'API Gateway made a key and gave no id of it');
}
