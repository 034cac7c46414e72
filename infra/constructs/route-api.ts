import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  ApiKeySourceType,
  AuthorizationType,
  type CfnMethod,
  EndpointType,
  LambdaIntegration,
  LogGroupLogDestination,
  type MethodOptions,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { Alias, IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { routes } from '#core/contract/routes.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { addProblemResponses } from './problem-responses.ts';
import { addBodyChecks } from './request-models.ts';
import { addWebFirewall } from './web-firewall.ts';

export interface RouteApiProps {
  readonly settings: DeploymentSettings;
  /** The function (with its alias) behind each route. */
  readonly functions: Readonly<Record<(typeof routes)[number]['answeredBy'], Alias>>;
  /** How callers are known, on every method but OPTIONS. */
  readonly access: Readonly<MethodOptions>;
}

/** The HTTP front: a regional REST API with every route of the contract. */
export class RouteApi extends Construct {
  readonly api: RestApi;

  constructor(scope: Construct, id: string, props: RouteApiProps) {
    super(scope, id);
    const { config } = props.settings;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.api = new RestApi(this, 'Api', {
      restApiName: config.name,
      description: `${config.name}: small models behind an API`,
      endpointConfiguration: { types: [EndpointType.REGIONAL] },
      // Every body reaches the functions as it was sent; they decode it themselves.
      binaryMediaTypes: ['*/*'],
      ...(config.auth.mode === 'keys' ? { apiKeySourceType: ApiKeySourceType.AUTHORIZER } : {}),
      // Its role is the account's, not ours: another deployment may need it after this one is gone.
      cloudWatchRole: true,
      cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN,
      deployOptions: {
        stageName: 'prod',
        accessLogDestination: new LogGroupLogDestination(accessLog),
        accessLogFormat: AccessLogFormat.custom(accessLogLine),
        throttlingRateLimit: 1_000,
        throttlingBurstLimit: 500,
        methodOptions: openRouteLimits,
      },
      ...preflightOf(config.corsOrigins),
    });
    // The output that the CDK adds by itself says the same as ours, in other words.
    this.api.node.tryRemoveChild('Endpoint');
    this.#addRoutes(props);
    this.#acknowledge(config.auth.mode);
    if (config.waf) addWebFirewall(this, this.api.deploymentStage);
    addProblemResponses(this.api, config.corsOrigins);
    for (const method of this.api.methods) {
      if (method.httpMethod === 'OPTIONS') keepPreflightText(method.node.defaultChild as CfnMethod);
    }
  }

  #addRoutes({ settings, functions, access }: RouteApiProps): void {
    const integrations = {
      inference: new LambdaIntegration(functions.inference as IFunction, forStageOnly),
      jobs: new LambdaIntegration(functions.jobs as IFunction, forStageOnly),
    };
    const checkOf = addBodyChecks(this.api);
    const isOpen = (scope: string): boolean => scope === 'open' && settings.config.docs === 'open';
    for (const { operation, method, path, answeredBy, scope } of routes) {
      const resource = this.api.root.resourceForPath(path);
      const checks = checkOf(operation) ?? {};
      const guard = isOpen(scope) ? { authorizationType: AuthorizationType.NONE } : access;
      resource.addMethod(method, integrations[answeredBy], { ...guard, ...checks });
    }
  }

  #acknowledge(auth: 'keys' | 'iam' | 'jwt'): void {
    Validations.of(this).acknowledge(
      {
        id: 'AwsSolutions-APIG4',
        reason:
          'Only /docs and /openapi.json are open, which say what README says; `docs: key` closes them.',
      },
      {
        id: 'AwsSolutions-COG4',
        reason: `Callers are known by ${auth}, on every method: services, not people who sign in.`,
      },
      {
        id: 'AwsSolutions-APIG6',
        reason:
          'The access log names every failure and its cause; the execution log would cost a second line per call in a group without retention.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'A web ACL costs $5 a month before the first call; `waf: true` adds one. Every call needs a key and is throttled.',
      },
      {
        id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs]',
        reason:
          'The policy that AWS keeps for API Gateway to write logs; it is the account-wide role.',
      },
    );
  }
}

/**
 * What anybody may call costs money, so all callers together get a call every five seconds: a flood of
 * both routes for a month takes about $16, most of it for bytes sent.
 */
const openRouteLimits = Object.fromEntries(
  routes
    .filter(({ scope }) => scope === 'open')
    .map(({ path, method }) => [
      `${path}/${method}`,
      { throttlingRateLimit: 0.2, throttlingBurstLimit: 10 },
    ]),
);

/** The console's test button would be a second caller with a right of its own. */
const forStageOnly = { allowTestInvoke: false } as const;

/** No query, no header, no body: nothing of a caller's text. */
const accessLogLine = JSON.stringify({
  kind: 'api',
  request_id: '$context.requestId',
  time: '$context.requestTimeEpoch',
  method: '$context.httpMethod',
  path: '$context.resourcePath',
  status: '$context.status',
  response_bytes: '$context.responseLength',
  latency_ms: '$context.responseLatency',
  integration_ms: '$context.integrationLatency',
  tenant: '$context.authorizer.tenant',
  error: '$context.error.responseType',
});

function preflightOf(origins: readonly string[]) {
  if (origins.length === 0) return {};
  return {
    defaultCorsPreflightOptions: {
      allowOrigins: [...origins],
      allowMethods: ['GET', 'POST', 'DELETE', 'OPTIONS'],
      allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'prefer', 'range'],
      exposeHeaders: ['location', 'retry-after', 'x-request-id', 'idempotency-replayed'],
      statusCode: 204,
    },
  };
}

/** With binary media types the mock integration reads bytes, fails, and preflights answer 500. */
function keepPreflightText(method: CfnMethod): void {
  method.addPropertyOverride('Integration.ContentHandling', 'CONVERT_TO_TEXT');
  method.addPropertyOverride(
    'Integration.IntegrationResponses.0.ContentHandling',
    'CONVERT_TO_TEXT',
  );
}
