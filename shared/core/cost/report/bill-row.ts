import * as z from 'zod';

/** The columns of a Cost and Usage Report (CUR 2.0, Data Exports) that reconciling needs. */
export const billRowSchema = z.object({
  line_item_line_item_type: z.string().default('Usage'),
  line_item_usage_start_date: z.string().min(1),
  line_item_usage_end_date: z.string().default(''),
  line_item_product_code: z.string(),
  line_item_usage_type: z.string(),
  line_item_usage_amount: z.coerce.number(),
  line_item_unblended_cost: z.string().regex(/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/),
  pricing_public_on_demand_cost: z.string().default(''),
  resource_tags: z.string().default(''),
});
export type BillRow = z.infer<typeof billRowSchema>;

/** Item of the price list by usage type, without the prefix of the region. */
const itemOfUsage: Readonly<Record<string, string>> = {
  Request: 'lambda requests',
  'Lambda-GB-Second': 'lambda duration-x86_64',
  'Lambda-GB-Second-ARM': 'lambda duration-arm64',
  'Lambda-Provisioned-Concurrency': 'lambda provisioned-x86_64',
  'Lambda-Provisioned-Concurrency-ARM': 'lambda provisioned-arm64',
  'Lambda-Provisioned-GB-Second': 'lambda provisioned-duration-x86_64',
  'Lambda-Provisioned-GB-Second-ARM': 'lambda provisioned-duration-arm64',
  ApiGatewayRequest: 'api-gateway rest-requests',
  ApiGatewayHttpRequest: 'api-gateway http-requests',
  'EBS:VolumeUsage.gp3': 'ebs gp3-storage',
  'NatGateway-Hours': 'vpc nat-hours',
  'NatGateway-Bytes': 'vpc nat-bytes',
  'PublicIPv4:InUseAddress': 'vpc ipv4-hours',
  'VpcEndpoint-Hours': 'vpc endpoint-hours',
  'DataProcessing-Bytes': 'cloudwatch logs-ingested',
  'CW:AlarmMonitorUsage': 'cloudwatch alarms',
  'CW:MetricMonitorUsage': 'cloudwatch metrics',
  DashboardsUsageHour: 'cloudwatch dashboards',
  'DashboardsUsageHour-Basic': 'cloudwatch dashboards',
  'DataTransfer-Out-Bytes': 'data-transfer internet-out',
};

/** The same usage type means another thing in another service. */
const itemOfProduct: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  AmazonS3: {
    'TimedStorage-ByteHrs': 's3 storage',
    'Requests-Tier1': 's3 put-requests',
    'Requests-Tier2': 's3 get-requests',
  },
  AmazonECR: { 'TimedStorage-ByteHrs': 'ecr storage' },
  AmazonCloudWatch: { 'TimedStorage-ByteHrs': 'cloudwatch logs-stored' },
  AWSQueueService: { 'Requests-Tier1': 'sqs standard-requests', Requests: 'sqs standard-requests' },
  AWSSecretsManager: { 'AWSSecretsManager-Secrets': 'secrets-manager secrets' },
};

/** Charges that no tag can tie to a job: they are shared by everything in the account's network. */
const sharedItems = new Set(['vpc nat-hours', 'vpc nat-bytes', 'data-transfer internet-out']);

export function isShared(item: string): boolean {
  return sharedItems.has(item);
}

/** The price list's name of a bill row; undefined for what an estimate never has. */
export function itemOfBillRow(row: BillRow): string | undefined {
  // us-east-1 has no prefix or USE1-, others have one such as EU- or APN1-.
  const usage = row.line_item_usage_type.replace(/^[A-Z]{2,4}\d?-/, '');
  const [kind, instanceType] = usage.split(':');
  if (kind === 'SpotUsage') return `ec2-spot ${instanceType}`;
  if (kind === 'BoxUsage') return `ec2 ${instanceType}`;
  return itemOfProduct[row.line_item_product_code]?.[usage] ?? itemOfUsage[usage];
}
