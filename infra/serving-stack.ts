import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Alias, type IVersion } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { inferenceSettingsSchema } from '#core/deployment/function-settings.ts';
import { answerPrices } from './answer-prices.ts';
import { ApiAccess, addUsagePlan } from './constructs/api-access.ts';
import { createJobControl, type JobResources } from './constructs/job-control.ts';
import { LiveAlias } from './constructs/live-alias.ts';
import { metricsNamespaceOf } from './constructs/metrics-namespace.ts';
import { RouteApi } from './constructs/route-api.ts';
import { SwitchyardFunction } from './constructs/switchyard-function.ts';
import { Warmer } from './constructs/warmer.ts';
import { decisionFiles } from './decision-files.ts';
import type { DeploymentSettings } from './deployment-settings.ts';
import { escalationFiles, keyStatements } from './escalation-rules.ts';
import { settingsOf } from './settings-of.ts';

export interface ServingStackProps extends StackProps {
  readonly settings: DeploymentSettings;
  /** Of the bulk stack: serving depends on it, never the other way. */
  readonly jobs: JobResources;
}

/** Answers over HTTP: the API, the function with the models, the function with the jobs. */
export class ServingStack extends Stack {
  readonly inference: SwitchyardFunction;
  readonly jobs: SwitchyardFunction;
  readonly front: RouteApi;
  /** Undefined where nothing is kept warm. */
  readonly warmer: SwitchyardFunction | undefined;

  constructor(scope: Construct, id: string, props: ServingStackProps) {
    super(scope, id, props);
    const { settings } = props;
    this.jobs = createJobControl(this, 'Jobs', {
      resources: props.jobs,
      package: 'jobs',
      description: 'answers the routes of jobs',
    });
    const jobsAlias = new Alias(this, 'JobsAlias', {
      aliasName: 'live',
      version: this.jobs.function.currentVersion as IVersion,
    });
    this.inference = this.#createInference(settings, jobsAlias);
    const { alias } = new LiveAlias(this, 'Live', {
      settings,
      function: this.inference.function,
    });
    const access = new ApiAccess(this, 'Access', {
      settings,
      workBucket: props.jobs.buckets.work,
    });
    this.front = new RouteApi(this, 'Front', {
      settings,
      functions: { inference: alias, jobs: jobsAlias },
      access: access.methods,
    });
    if (settings.config.warming.environments > 0) {
      this.warmer = new Warmer(this, 'Warming', { settings, alias }).warmer;
      new CfnOutput(this, 'WarmerFunction', { value: this.warmer.function.functionName });
    }
    new CfnOutput(this, 'InferenceFunction', { value: alias.functionArn });
    new CfnOutput(this, 'JobsFunction', { value: jobsAlias.functionArn });
    this.#addOutputs(settings);
  }

  #createInference({ config, ...rest }: DeploymentSettings, jobs: Alias): SwitchyardFunction {
    const { files, variables } = decisionFiles(config);
    const escalation = escalationFiles(config);
    return new SwitchyardFunction(this, 'Inference', {
      files: { ...files, ...escalation.files },
      settings: { config, ...rest },
      package: 'inference',
      description: 'answers the routes of models',
      memoryMb: config.memoryMb,
      timeout: Duration.seconds(config.timeoutSeconds),
      environment: settingsOf(inferenceSettingsSchema, {
        SWITCHYARD_METRICS_NAMESPACE: metricsNamespaceOf(config),
        SWITCHYARD_CORS_ORIGINS: config.corsOrigins.join(','),
        SWITCHYARD_MODELS: 'models',
        ...variables,
        ...escalation.variables,
        SWITCHYARD_JOBS_FUNCTION: jobs.functionArn,
        SWITCHYARD_PREDICTION_LOG: config.predictionLog,
        ...answerPrices(config),
      }),
      statements: [
        new PolicyStatement({
          actions: ['lambda:InvokeFunction'],
          resources: [jobs.functionArn],
        }),
        ...keyStatements(config),
      ],
    });
  }

  #addOutputs(settings: DeploymentSettings): void {
    const { api } = this.front;
    const url = api.deploymentStage.urlForPath('/').replace(/\/$/, '');
    new CfnOutput(this, 'ApiUrl', { value: url });
    new CfnOutput(this, 'ApiId', { value: api.restApiId });
    new CfnOutput(this, 'ApiStage', { value: api.deploymentStage.stageName });
    if (settings.config.auth.mode === 'keys') {
      new CfnOutput(this, 'UsagePlanId', { value: addUsagePlan(api, settings) });
    }
    new CfnOutput(this, 'CurlCommand', {
      description: 'Set SWITCHYARD_KEY to a key of `switchyard keys create`',
      value: `curl -H "Authorization: Bearer $SWITCHYARD_KEY" -d '{"text":"a gripping, beautiful film"}' ${url}/predict`,
    });
  }
}
