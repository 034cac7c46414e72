import { createHash } from 'node:crypto';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { accessPolicy } from '#core/deployment/access-policy.ts';
import {
  type ApiKeyRecord,
  apiKeyRecordSchema,
  apiKeyRecords,
  isApiKey,
} from '#core/deployment/api-key.ts';
import type { Clock } from '#core/ports/clock.ts';
import type { ObjectStore } from '#core/ports/object-store.ts';
import { readJsonObject } from '#work/records/read-json-object.ts';
import type { Log } from '../handler-dependencies.ts';
import { readHeader } from '../http-headers.ts';

/**
 * The authorizer of the API: says whose key `Authorization: Bearer …` carries and what it opens. A key
 * that is unknown, revoked or expired is answered 401; one without the scope of a route 403, by the
 * policy. The usage plan counts the SHA-256, which is the value of the API key in API Gateway.
 */
export function createKeyCheck(deps: {
  readonly objectStore: ObjectStore;
  readonly clock: Pick<Clock, 'epochMillis'>;
  readonly log: Log;
}): (event: APIGatewayRequestAuthorizerEvent) => Promise<APIGatewayAuthorizerResult> {
  return async (event) => {
    const key = bearerKey(readHeader(event, 'authorization'));
    if (key === undefined) throw unauthorized();
    const sha256 = createHash('sha256').update(key).digest('hex');
    const record = await readRecord(deps, sha256);
    const isExpired =
      record?.expiresAt != null && Date.parse(record.expiresAt) <= deps.clock.epochMillis();
    if (record === undefined || isExpired) {
      deps.log({ event: 'key_refused', key: sha256.slice(0, 16), expired: isExpired });
      throw unauthorized();
    }
    return {
      principalId: sha256.slice(0, 16),
      policyDocument: mutable(accessPolicy(event.methodArn, record.scopes)),
      // API Gateway hands these on as texts.
      context: { tenant: record.tenant, scopes: record.scopes.join(' '), plan: record.plan },
      usageIdentifierKey: sha256,
    };
  };
}

/** A record that cannot be read is a fault of ours: 500, and the log says which. */
async function readRecord(
  deps: Parameters<typeof createKeyCheck>[0],
  sha256: string,
): Promise<ApiKeyRecord | undefined> {
  const objectKey = apiKeyRecords.key(sha256);
  try {
    return await readJsonObject(deps.objectStore, objectKey, apiKeyRecordSchema);
  } catch (error) {
    const detail = String(error);
    deps.log({ level: 'error', event: 'key_unreadable', key: sha256.slice(0, 16), detail });
    throw error;
  }
}

function bearerKey(header: string | undefined): string | undefined {
  const key = /^Bearer +(\S+) *$/i.exec(header ?? '')?.[1];
  return key !== undefined && isApiKey(key) ? key : undefined;
}

/** API Gateway answers 401 to exactly this message, 500 to any other. */
function unauthorized(): Error {
  return new Error('Unauthorized');
}

function mutable(policy: ReturnType<typeof accessPolicy>) {
  const Statement = policy.Statement.map((each) => ({ ...each, Resource: [...each.Resource] }));
  return { Version: policy.Version, Statement };
}
