import {
  CfnWaitCondition,
  CfnWaitConditionHandle,
  Duration,
  IgnoreMode,
  RemovalPolicy,
  Validations,
} from 'aws-cdk-lib';
import {
  BuildSpec,
  ComputeType,
  LinuxBuildImage,
  Project,
  Source,
} from 'aws-cdk-lib/aws-codebuild';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  PhysicalResourceId,
} from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { projectFolder } from '../bundling/project-folder.ts';

export interface BuiltImageProps {
  readonly config: DeploymentConfig;
  /** Patterns that keep everything but the sources of the image away. */
  readonly exclude: string[];
}

interface ImageBuild {
  readonly source: Asset;
  readonly repository: Repository;
  readonly tag: string;
  /** Where the build says how it ended. */
  readonly reportUrl: string;
}

/** Longest build that a deployment waits for. */
const BUILD_MINUTES = 60;
const KEPT_IMAGES = 3;

const pushActions = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:BatchGetImage',
  'ecr:CompleteLayerUpload',
  'ecr:GetDownloadUrlForLayer',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
] as const;

/**
 * The image built by CodeBuild in the account, so that whoever deploys needs no Docker. A deployment
 * with changed sources starts a build and waits until the build itself reports how it ended.
 */
export class BuiltImage extends Construct {
  readonly image: ContainerImage;
  /** What needs the image waits for this. */
  readonly built: CfnWaitCondition;

  constructor(scope: Construct, id: string, props: BuiltImageProps) {
    super(scope, id);
    const source = new Asset(this, 'Source', {
      path: projectFolder,
      ignoreMode: IgnoreMode.DOCKER,
      exclude: props.exclude,
    });
    const tag = source.assetHash.slice(0, 16);
    const repository = new Repository(this, 'Repository', {
      imageScanOnPush: true,
      emptyOnDelete: true,
      removalPolicy: RemovalPolicy.DESTROY,
      lifecycleRules: [{ maxImageCount: KEPT_IMAGES }],
    });
    // Named by the sources: other sources, another handle, another wait.
    const handle = new CfnWaitConditionHandle(this, `Report${tag}`);
    const project = this.#createProject(props, { source, repository, tag, reportUrl: handle.ref });
    const start = this.#startBuild(props, project, tag);
    this.built = new CfnWaitCondition(this, `Built${tag}`, {
      handle: handle.ref,
      count: 1,
      timeout: String(BUILD_MINUTES * 60),
    });
    this.built.node.addDependency(start);
    this.image = ContainerImage.fromEcrRepository(repository, tag);
  }

  #createProject({ config }: BuiltImageProps, build: ImageBuild): Project {
    const log = new LogGroup(this, 'BuildLog', {
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#createBuildRole(build, log);
    const project = new Project(this, 'Build', {
      description: `${config.name}: builds the worker image`,
      source: Source.s3({ bucket: build.source.bucket, path: build.source.s3ObjectKey }),
      environment: {
        buildImage: LinuxBuildImage.STANDARD_7_0,
        computeType: ComputeType.MEDIUM,
        // Docker in the build container needs it; the container lives for one build.
        privileged: true,
      },
      environmentVariables: {
        IMAGE_URI: { value: `${build.repository.repositoryUri}:${build.tag}` },
        REPORT_URL: { value: build.reportUrl },
      },
      buildSpec: BuildSpec.fromSourceFilename('gpu-batch/buildspec.yml'),
      timeout: Duration.minutes(BUILD_MINUTES),
      logging: { cloudWatch: { logGroup: log } },
      // Its rights are written below: the CDK would allow reading the whole bucket of packages.
      role: role.withoutPolicyUpdates(),
    });
    Validations.of(project).acknowledge(
      {
        id: 'AwsSolutions-CB3',
        reason: 'A build of a container image needs the Docker daemon; nothing else runs there.',
      },
      {
        id: 'AwsSolutions-CB4',
        reason: 'It leaves no artifact: the image is in the repository, encrypted there.',
      },
    );
    return project;
  }

  #createBuildRole({ source, repository }: ImageBuild, log: LogGroup): Role {
    const role = new Role(this, 'BuildRole', {
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com'),
      description: 'builds the worker image',
    });
    log.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resources: [source.bucket.arnForObjects(source.s3ObjectKey)],
      }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
    );
    role.addToPolicy(
      new PolicyStatement({ actions: [...pushActions], resources: [repository.repositoryArn] }),
    );
    return role;
  }

  #startBuild({ config }: BuiltImageProps, project: Project, tag: string): AwsCustomResource {
    const log = new LogGroup(this, 'StartLog', {
      retention: config.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'StartRole', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: 'starts a build when a deployment brings other sources',
    });
    log.grantWrite(role);
    const call = {
      service: 'codebuild',
      action: 'StartBuild',
      parameters: { projectName: project.projectName },
      physicalResourceId: PhysicalResourceId.of(tag),
    };
    return new AwsCustomResource(this, `Start${tag}`, {
      onCreate: call,
      onUpdate: call,
      installLatestAwsSdk: false,
      role,
      logGroup: log,
      policy: AwsCustomResourcePolicy.fromStatements([
        new PolicyStatement({
          actions: ['codebuild:StartBuild'],
          resources: [project.projectArn],
        }),
      ]),
    });
  }
}
