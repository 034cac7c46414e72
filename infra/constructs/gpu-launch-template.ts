import { Size } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MultipartBody,
  MultipartUserData,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';

/** A container that is told to stop may take so long: shorter than a spot notice, longer than a drain. */
const STOP_TIMEOUT_SECONDS = 110;

/** How a GPU instance starts: its disk, its metadata service, and what its ECS agent is told. */
export function createGpuLaunchTemplate(
  scope: Construct,
  config: DeploymentConfig,
): LaunchTemplate {
  const commands = UserData.forLinux();
  commands.addCommands(
    // No new job onto an instance that is about to go.
    'echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config',
    `echo ECS_CONTAINER_STOP_TIMEOUT=${STOP_TIMEOUT_SECONDS}s >> /etc/ecs/ecs.config`,
    // A warm instance keeps the image; its tag is that of the content.
    'echo ECS_IMAGE_PULL_BEHAVIOR=prefer-cached >> /etc/ecs/ecs.config',
  );
  // Batch merges its own part in, and takes no other form.
  const userData = new MultipartUserData();
  userData.addPart(MultipartBody.fromUserData(commands));
  return new LaunchTemplate(scope, 'LaunchTemplate', {
    userData,
    requireImdsv2: true,
    httpTokens: LaunchTemplateHttpTokens.REQUIRED,
    // A container is one hop further; with 1 no worker would ever hear of a reclaim.
    httpPutResponseHopLimit: 2,
    blockDevices: [
      {
        deviceName: '/dev/xvda',
        volume: BlockDeviceVolume.ebs(Size.gibibytes(config.gpu.volumeGib).toGibibytes(), {
          volumeType: EbsDeviceVolumeType.GP3,
          encrypted: true,
          deleteOnTermination: true,
        }),
      },
    ],
  });
}
