import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, IgnoreMode, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { projectFolder } from '../bundling/project-folder.ts';

const DOCKERFILE = 'gpu-batch/Dockerfile';

/** What the image is built from; everything else of the project stays away from the builder. */
export const imageSources = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
  'functions',
  'gpu-batch',
  'shared',
  'models',
] as const;

/** The image of the GPU worker, as the deployment says where it comes from. */
export function workerImage(scope: Construct, config: DeploymentConfig): ContainerImage {
  const { image } = config;
  if (image.from === 'uri') return existingImage(scope, image.uri);
  if (!existsSync(join(projectFolder, DOCKERFILE))) {
    Annotations.of(scope).addWarning(`${DOCKERFILE} is not written yet: no worker can start`);
    return ContainerImage.fromRegistry('switchyard/worker');
  }
  return ContainerImage.fromAsset(projectFolder, {
    file: DOCKERFILE,
    // GPU instances are x86_64 whatever the functions run on.
    platform: Platform.LINUX_AMD64,
    ignoreMode: IgnoreMode.DOCKER,
    exclude: ['*', ...imageSources.map((source) => `!${source}`)],
  });
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
