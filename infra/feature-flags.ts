import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

/**
 * Behaviours of the CDK that new projects choose, and where this one differs. In code, not in cdk.json,
 * so that templates made by tests are the deployed ones.
 */
export const featureFlags = {
  ...recommended,
  '@aws-cdk/core:defaultCrossStackReferences': 'weak',
  '@aws-cdk/core:target-partitions': ['aws'],
  // It would add a function that may change any security group; nothing is in the default one.
  '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false,
  'aws:cdk:enable-path-metadata': false,
  'aws:cdk:disable-version-reporting': true,
} as const;
