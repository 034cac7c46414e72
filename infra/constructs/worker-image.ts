import { type CfnWaitCondition, IgnoreMode, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { projectFolder } from '../bundling/project-folder.ts';
import { BuiltImage } from './built-image.ts';

const DOCKERFILE = 'gpu-batch/Dockerfile';

/** What the image is built from; everything else of the project stays away from the builder. */
const imageSources = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
  'gpu-batch',
  'shared',
  'models',
] as const;

const exclude = [
  '*',
  ...imageSources.map((source) => `!${source}`),
  // Files of CPU variants: a GPU worker opens none.
  'models/**/*_quantized.onnx',
  'models/**/*_int8*.onnx',
];

export interface WorkerImage {
  readonly image: ContainerImage;
  /**
   * What uses the image waits for this.
   *
   * @default - it is there
   */
  readonly built?: CfnWaitCondition;
}

/** The image of the GPU worker, as the deployment says where it comes from. */
export function workerImage(scope: Construct, config: DeploymentConfig): WorkerImage {
  if (config.image.from === 'uri') return { image: existingImage(scope, config.image.uri) };
  if (config.image.from === 'codebuild') {
    return new BuiltImage(scope, 'Image', { config, exclude });
  }
  const image = ContainerImage.fromAsset(projectFolder, {
    file: DOCKERFILE,
    // GPU instances are x86_64 whatever the functions run on.
    platform: Platform.LINUX_AMD64,
    ignoreMode: IgnoreMode.DOCKER,
    exclude,
  });
  return { image };
}

const ecrUri = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\/([^:@]+)(?::([^@]+)|@(.+))?$/;

function existingImage(scope: Construct, uri: string): ContainerImage {
  const [, account = '', region = '', repositoryName = '', tag, digest] = ecrUri.exec(uri) ?? [];
  if (repositoryName === '') return ContainerImage.fromRegistry(uri);
  const { partition } = Stack.of(scope);
  const repository = Repository.fromRepositoryAttributes(scope, 'Repository', {
    repositoryArn: `arn:${partition}:ecr:${region}:${account}:repository/${repositoryName}`,
    repositoryName,
  });
  return ContainerImage.fromEcrRepository(repository, digest ?? tag ?? 'latest');
}
