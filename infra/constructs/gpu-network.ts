import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** What an instance without a way out asks: ECS for work, ECR for the image, CloudWatch for logs. */
const isolatedEndpoints = {
  EcrApi: InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Ecs: InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
  Logs: InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
} as const;

const subnetTypes = {
  public: SubnetType.PUBLIC,
  nat: SubnetType.PRIVATE_WITH_EGRESS,
  isolated: SubnetType.PRIVATE_ISOLATED,
} as const;

const MAX_ZONES = 6;

/**
 * The network of the GPU instances. By default public subnets that nothing can come into: an instance
 * pays for its address while it lives, where a NAT gateway would be paid for every hour of the year.
 */
export class GpuNetwork extends Construct {
  readonly vpc: Vpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, config: DeploymentConfig) {
    super(scope, id);
    const { network } = config;
    this.subnets = { subnetType: subnetTypes[network] };
    this.vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr('10.42.0.0/16'),
      maxAzs: MAX_ZONES,
      natGateways: network === 'nat' ? 1 : 0,
      subnetConfiguration: [
        ...(network === 'nat'
          ? [{ name: 'Way', subnetType: SubnetType.PUBLIC, cidrMask: 26 }]
          : []),
        { name: 'Gpu', subnetType: subnetTypes[network], cidrMask: 20 },
      ],
      // Free, and most of what workers move goes this way.
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    this.vpc.addFlowLog('Flow', {
      destination: FlowLogDestination.toCloudWatchLogs(
        new LogGroup(this, 'FlowLog', {
          retention: config.logRetentionDays as RetentionDays,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      ),
    });
    this.securityGroup = new SecurityGroup(this, 'Instances', {
      vpc: this.vpc as IVpc,
      description: 'GPU instances: out by HTTPS, in by nothing',
      allowAllOutbound: false,
    });
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'AWS and the image registry');
    if (network === 'isolated') this.#addEndpoints();
  }

  #addEndpoints(): void {
    const securityGroup = new SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc as IVpc,
      description: 'Endpoints of AWS services: from the GPU instances only',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(this.securityGroup, Port.tcp(443), 'GPU instances');
    for (const [name, service] of Object.entries(isolatedEndpoints)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        subnets: this.subnets,
        securityGroups: [securityGroup],
        open: false,
      });
    }
  }
}
