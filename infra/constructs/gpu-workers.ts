import { Validations } from 'aws-cdk-lib';
import { ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { DeploymentSettings } from '../deployment-settings.ts';
import type { DataBuckets } from './data-buckets.ts';
import { createGpuLaunchTemplate } from './gpu-launch-template.ts';
import { GpuNetwork } from './gpu-network.ts';
import { GpuPool } from './gpu-pool.ts';
import type { BatchNames } from './job-control.ts';
import { WorkerJob } from './worker-job.ts';

export interface GpuWorkersProps {
  readonly settings: DeploymentSettings;
  readonly buckets: DataBuckets;
}

/** AWS Batch on GPU instances: one pool on spot, one on demand, one definition of a worker. */
export class GpuWorkers extends Construct implements BatchNames {
  readonly spotQueue: string;
  readonly onDemandQueue: string;
  readonly jobDefinition: string;

  constructor(scope: Construct, id: string, { settings, buckets }: GpuWorkersProps) {
    super(scope, id);
    const { config } = settings;
    const shared = {
      config,
      network: new GpuNetwork(this, 'Network', config),
      launchTemplate: createGpuLaunchTemplate(this, config),
      // No rights to data: any container that asks the metadata service gets this role.
      instanceRole: this.#createInstanceRole(config.name),
    };
    this.spotQueue = new GpuPool(this, 'Spot', { ...shared, kind: 'spot' }).queue.jobQueueArn;
    const onDemand = new GpuPool(this, 'OnDemand', { ...shared, kind: 'on-demand' });
    this.onDemandQueue = onDemand.queue.jobQueueArn;
    this.jobDefinition = new WorkerJob(this, 'Worker', { settings, buckets }).definitionName;
  }

  #createInstanceRole(deployment: string): Role {
    const role = new Role(this, 'InstanceRole', {
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
      description: `${deployment}: the ECS agent of a GPU instance`,
      managedPolicies: [
        ManagedPolicy.fromAwsManagedPolicyName('service-role/AmazonEC2ContainerServiceforEC2Role'),
      ],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role]',
      reason:
        'The policy that AWS keeps for the ECS agent; the role has no other right, and no data.',
    });
    return role;
  }
}
