import { Duration } from 'aws-cdk-lib';
import {
  AllocationStrategy,
  type CfnComputeEnvironment,
  EcsMachineImageType,
  JobQueue,
  JobStateTimeLimitActionsReason,
  ManagedEc2EcsComputeEnvironment,
} from 'aws-cdk-lib/aws-batch';
import { InstanceType, type IVpc, type LaunchTemplate } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import type { GpuNetwork } from './gpu-network.ts';

export interface GpuPoolProps {
  readonly config: DeploymentConfig;
  readonly kind: 'spot' | 'on-demand';
  readonly network: GpuNetwork;
  readonly launchTemplate: LaunchTemplate;
  readonly instanceRole: IRole;
}

/** GPU instances of one kind, none of them while there is no work, and the queue that fills them. */
export class GpuPool extends Construct {
  readonly queue: JobQueue;

  constructor(scope: Construct, id: string, props: GpuPoolProps) {
    super(scope, id);
    const { gpu } = props.config;
    const isSpot = props.kind === 'spot';
    const computeEnvironment = new ManagedEc2EcsComputeEnvironment(this, 'Instances', {
      vpc: props.network.vpc as IVpc,
      vpcSubnets: props.network.subnets,
      securityGroups: [props.network.securityGroup],
      spot: isSpot,
      allocationStrategy: isSpot
        ? AllocationStrategy.SPOT_PRICE_CAPACITY_OPTIMIZED
        : AllocationStrategy.BEST_FIT_PROGRESSIVE,
      instanceTypes: gpu.instanceTypes.map((type) => new InstanceType(type)),
      // Else CPU instances join, on which a job that wants a GPU waits for ever.
      useOptimalInstanceClasses: false,
      minvCpus: 0,
      maxvCpus: isSpot ? gpu.maxSpotVcpus : gpu.maxOnDemandVcpus,
      images: [{ imageType: EcsMachineImageType.ECS_AL2023_NVIDIA }],
      launchTemplate: props.launchTemplate,
      instanceRole: props.instanceRole,
      updateTimeout: Duration.hours(2),
      terminateOnUpdate: false,
    });
    const resource = computeEnvironment.node.defaultChild as CfnComputeEnvironment;
    // A changed template replaces the instances; `$Default` would never see the new one.
    resource.addPropertyOverride(
      'ComputeResources.LaunchTemplate.Version',
      props.launchTemplate.latestVersionNumber,
    );
    if (gpu.warmPoolMinutes > 0) {
      resource.addPropertyOverride(
        'ComputeResources.ScalingPolicy.MinScaleDownDelayMinutes',
        gpu.warmPoolMinutes,
      );
    }
    this.queue = new JobQueue(this, 'Queue', {
      priority: 1,
      computeEnvironments: [{ computeEnvironment, order: 1 }],
      // A job that can never start would block everything behind it.
      jobStateTimeLimitActions: [
        JobStateTimeLimitActionsReason.INSUFFICIENT_INSTANCE_CAPACITY,
        JobStateTimeLimitActionsReason.COMPUTE_ENVIRONMENT_MAX_RESOURCE,
        JobStateTimeLimitActionsReason.JOB_RESOURCE_REQUIREMENT,
      ].map((reason) => ({ reason, maxTime: Duration.minutes(gpu.runnableLimitMinutes) })),
    });
  }
}
