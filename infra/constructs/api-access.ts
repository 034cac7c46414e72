import { Duration } from 'aws-cdk-lib';
import {
  AuthorizationType,
  CognitoUserPoolsAuthorizer,
  IdentitySource,
  type MethodOptions,
  Period,
  RequestAuthorizer,
  type RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { authorizerSettingsSchema } from '#core/deployment/function-settings.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { settingsOf } from '../settings-of.ts';
import { listBelow } from './bucket-statements.ts';
import { controlFunction, SwitchyardFunction } from './switchyard-function.ts';

export interface ApiAccessProps {
  readonly settings: DeploymentSettings;
  readonly workBucket: Bucket;
}

/** A revoked key works so long at most: API Gateway remembers what the authorizer said. */
const REVOCATION_SECONDS = 60;

/** How callers are known: by keys of our own, by tokens of an issuer, or by AWS signatures. */
export class ApiAccess extends Construct {
  /** For every method of the API. */
  readonly methods: MethodOptions;

  constructor(scope: Construct, id: string, props: ApiAccessProps) {
    super(scope, id);
    const { auth } = props.settings.config;
    if (auth.mode === 'iam') this.methods = { authorizationType: AuthorizationType.IAM };
    else if (auth.mode === 'jwt') this.methods = this.#byToken(auth);
    else this.methods = this.#byKey(props);
  }

  #byToken(auth: {
    readonly userPoolArn: string;
    readonly scopes: readonly string[];
  }): MethodOptions {
    const pool = UserPool.fromUserPoolArn(this, 'Users', auth.userPoolArn);
    return {
      authorizationType: AuthorizationType.COGNITO,
      authorizer: new CognitoUserPoolsAuthorizer(this, 'TokenAuthorizer', {
        cognitoUserPools: [pool],
        resultsCacheTtl: Duration.seconds(REVOCATION_SECONDS),
      }),
      ...(auth.scopes.length === 0 ? {} : { authorizationScopes: [...auth.scopes] }),
    };
  }

  #byKey(props: ApiAccessProps): MethodOptions {
    const { function: handler } = new SwitchyardFunction(this, 'Authorizer', {
      settings: props.settings,
      package: 'authorizer',
      description: 'says whose key a request carries',
      ...controlFunction,
      timeout: Duration.seconds(10),
      environment: settingsOf(authorizerSettingsSchema, {
        SWITCHYARD_WORK_BUCKET: props.workBucket.bucketName,
      }),
      statements: [
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [props.workBucket.arnForObjects('keys/*')],
        }),
        listBelow(props.workBucket, ['keys/']),
      ],
    });
    return {
      authorizationType: AuthorizationType.CUSTOM,
      authorizer: new RequestAuthorizer(this, 'KeyAuthorizer', {
        handler,
        identitySources: [IdentitySource.header('Authorization')],
        resultsCacheTtl: Duration.seconds(REVOCATION_SECONDS),
      }),
      // The authorizer names the API key, so callers send one secret and usage plans still count it.
      apiKeyRequired: true,
    };
  }
}

/** The plan whose limits `switchyard keys create` gives a new key. */
export function addUsagePlan(api: RestApi, { config }: DeploymentSettings): string {
  const { ratePerSecond, burst, monthlyQuota } = config.usagePlan;
  const plan = api.addUsagePlan('Plan', {
    name: `${config.name}-default`,
    description: 'Limits of one key',
    throttle: { rateLimit: ratePerSecond, burstLimit: burst },
    quota: { limit: monthlyQuota, period: Period.MONTH },
    apiStages: [{ stage: api.deploymentStage }],
  });
  return plan.usagePlanId;
}
