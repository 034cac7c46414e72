import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { bundleFunction } from '../bundling/bundle-function.ts';
import type { FunctionName } from '../bundling/function-entries.ts';
import type { DeploymentSettings } from '../deployment-settings.ts';
import { escalatesToWhom } from '../escalation-rules.ts';

export interface SwitchyardFunctionProps {
  readonly settings: DeploymentSettings;
  readonly package: FunctionName;
  readonly description: string;
  /** MB; a whole processor comes with 1,769. */
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** Everything it may do besides writing its own log. */
  readonly statements: readonly PolicyStatement[];
  /**
   * Most that run at once; reserved for this function.
   *
   * @default - what the account has left
   */
  readonly reservedConcurrency?: number;
  /**
   * Files of the package that are made at synth, by name: their text.
   *
   * @default {}
   */
  readonly files?: Readonly<Record<string, string>>;
}

/** One Lambda function with its own role and its own log group: what all of them have alike. */
export class SwitchyardFunction extends Construct {
  readonly function: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: SwitchyardFunctionProps) {
    super(scope, id);
    const { config } = props.settings;
    this.logGroup = new LogGroup(this, 'Log', {
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `${config.name}: ${props.description}`,
    });
    this.logGroup.grantWrite(role);
    for (const statement of props.statements) role.addToPolicy(statement);
    this.function = new LambdaFunction(this, 'Function', {
      ...this.#code(props),
      description: `${config.name}: ${props.description}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: config.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      memorySize: props.memoryMb,
      timeout: props.timeout,
      role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        // ONNX Runtime reports home unless told not to; what starts it has no time to say so.
        ORT_DISABLE_TELEMETRY: '1',
        ...props.environment,
      },
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
  }

  #code(props: SwitchyardFunctionProps): { code: Code; handler: string } {
    const { architecture, models, escalation } = props.settings.config;
    const { package: name, files } = props;
    const escalatesTo = escalatesToWhom(escalation);
    const bundle = bundleFunction(name, { architecture, models, files, escalatesTo });
    const code = Code.fromAsset(bundle.folder, { assetHash: bundle.sha256 });
    return { code, handler: bundle.handler };
  }
}

/** A function that only calls services: little memory, little time. */
export const controlFunction = { memoryMb: 256, timeout: Duration.seconds(30) } as const;
