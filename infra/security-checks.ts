import { type PolicyValidationPluginReport, Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';
import type { DeploymentConfig } from '#core/deployment/deployment-config.ts';
import { jobPrefixes, readPrefixes, writtenPrefixes } from './constructs/bucket-statements.ts';

/**
 * cdk-nag, with the wildcards acknowledged that a right by prefix needs. cdk-nag wants each named with
 * its resource, whose name is only known once the stacks are joined; so they are matched here, by what
 * they allow and where. Any other wildcard is a finding and fails the synthesis.
 */
export class SecurityChecks extends AwsSolutionsChecks {
  readonly #known: readonly KnownWildcard[];

  constructor(app: IConstruct, config: DeploymentConfig) {
    super(app);
    this.#known = [
      {
        actions: ['s3:GetObject', 's3:GetObjectVersion'],
        resource: below('Data', readPrefixes(config)),
        reason:
          'Inputs and results of every tenant; whose a job may read is told before it is made.',
      },
      ...knownWildcards,
    ];
  }

  override validateScope(scope: IConstruct): PolicyValidationPluginReport {
    for (const construct of scope.node.findAll()) {
      if (construct instanceof CfnPolicy) acknowledgeWildcards(construct, this.#known);
    }
    return super.validateScope(scope);
  }
}

interface KnownWildcard {
  readonly actions: readonly string[];
  readonly resource: RegExp;
  readonly reason: string;
}

const knownWildcards: readonly KnownWildcard[] = [
  {
    actions: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    resource: below('Data', writtenPrefixes),
    reason: 'Results, below their own prefixes; an input can never be written over.',
  },
  {
    actions: ['s3:PutObject'],
    resource: below('Data', ['uploads/']),
    reason: 'A link of POST /uploads names the one place that it opens.',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
    resource: below('Work', jobPrefixes),
    reason: 'What jobs keep while they run, below its own prefixes; the records of keys are not.',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
    resource: below('Data', ['ledger/', 'ledger-errors/']),
    reason: 'Rows of the ledger, below their own prefix; none can be removed.',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject'],
    resource: below('Data', ['reports/drift/', 'reports/costs/']),
    reason: 'Reports of one kind, below their own prefix.',
  },
  {
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resource: below('Data', ['predictions/', 'predictions-errors/']),
    reason: 'Texts that the setting predictionLog asks for, below their own prefix.',
  },
  {
    actions: ['s3:GetObject'],
    resource: below('Work', ['keys/']),
    reason: 'Records of keys, each named by the SHA-256 of its key.',
  },
  {
    actions: ['batch:TerminateJob'],
    resource: /:batch:[^*]*:job\/\*$/,
    reason: 'Jobs have the ids that AWS Batch gives them.',
  },
  {
    actions: ['batch:SubmitJob'],
    resource: /:batch:[^*]*:job-definition\/[\w-]+-worker:\*$/,
    reason: 'Every revision of the one definition; a new image is a new revision.',
  },
  {
    actions: ['ecr:GetAuthorizationToken'],
    resource: /^\*$/,
    reason: 'The token that pulls an image knows no resource; what it opens is named beside it.',
  },
  {
    actions: ['batch:DescribeJobs', 'batch:ListJobs'],
    resource: /^\*$/,
    reason: 'AWS Batch knows no resource for these two.',
  },
];

/**
 * Objects of one of our buckets below one of these prefixes, as cdk-nag writes it: in the stack of the
 * bucket by its attribute, in others by the output that they read.
 */
function below(bucket: 'Data' | 'Work', prefixes: readonly string[]): RegExp {
  // Of what a granted prefix may be made of, these mean something else here.
  const literal = prefixes.map((prefix) => prefix.replaceAll(/[.+]/g, String.raw`\$&`));
  return new RegExp(`Buckets${bucket}\\w+\\.?Arn\\w*(>|"}})/(${literal.join('|')})\\*$`);
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

function acknowledgeWildcards(policy: CfnPolicy, wildcards: readonly KnownWildcard[]): void {
  const document = Stack.of(policy).resolve(policy.policyDocument) as {
    readonly Statement: readonly Statement[];
  };
  for (const { Effect, Action, Resource } of document.Statement) {
    if (Effect !== 'Allow') continue;
    const actions = [Action].flat();
    for (const resource of [Resource].flat().map(flattenCfnReference)) {
      const known = wildcards.find(
        (each) =>
          each.resource.test(resource) && actions.every((action) => each.actions.includes(action)),
      );
      if (known === undefined) continue;
      const id = `AwsSolutions-IAM5[Resource::${resource}]`;
      Validations.of(policy).acknowledge({ id, reason: known.reason });
    }
  }
}
