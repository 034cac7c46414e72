import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/** Requests of one address in five minutes, after which it is refused for a while. */
const REQUESTS_PER_ADDRESS = 10_000;

/** Lists that AWS keeps. Its common rules are not among them: they refuse bodies above 8 kB. */
const managedRules = [
  'AWSManagedRulesAmazonIpReputationList',
  'AWSManagedRulesKnownBadInputsRuleSet',
];

/** A web ACL before the API: addresses of ill repute, known attacks, floods from one address. */
export function addWebFirewall(scope: Construct, stage: Stage): void {
  const visible = (metricName: string) => ({
    cloudWatchMetricsEnabled: true,
    sampledRequestsEnabled: false,
    metricName,
  });
  const acl = new CfnWebACL(scope, 'Firewall', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visible('Firewall'),
    rules: [
      {
        name: 'Flood',
        priority: 0,
        action: { block: {} },
        statement: {
          rateBasedStatement: { aggregateKeyType: 'IP', limit: REQUESTS_PER_ADDRESS },
        },
        visibilityConfig: visible('Flood'),
      },
      ...managedRules.map((name, at) => ({
        name,
        priority: at + 1,
        overrideAction: { none: {} },
        statement: { managedRuleGroupStatement: { vendorName: 'AWS', name } },
        visibilityConfig: visible(name),
      })),
    ],
  });
  new CfnWebACLAssociation(scope, 'FirewallBeforeApi', {
    webAclArn: acl.attrArn,
    resourceArn: stage.stageArn,
  });
}
