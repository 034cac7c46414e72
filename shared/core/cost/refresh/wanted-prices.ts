import { gpuInstances } from '../gpu-instances.ts';

/** One price of the catalogue, and how the price list names it. */
export interface WantedPrice {
  readonly service: string;
  readonly dimension: string;
  readonly unit: string;
  readonly serviceCode: string;
  /** Besides the region. */
  readonly filters: Readonly<Record<string, string>>;
  /** Usage type without the prefix of its region, where the filters leave several. */
  readonly usageType?: string;
  /** Not every region has it: none is an answer, not an error. */
  readonly isOptional: boolean;
  /** Small, and its usage type was never seen in an answer: a problem with it stops nothing. */
  readonly isMinor: boolean;
}

const lambda = (dimension: string, group: string, usageType: string): WantedPrice => ({
  service: 'lambda',
  dimension,
  unit: dimension === 'requests' ? 'request' : 'GB-second',
  serviceCode: 'AWSLambda',
  filters: { group },
  usageType,
  isOptional: false,
  isMinor: false,
});

interface Named {
  readonly price: readonly [service: string, dimension: string, unit: string];
  readonly usageType: string;
}

const inService =
  (serviceCode: string, filters: Readonly<Record<string, string>> = {}) =>
  ({ price: [service, dimension, unit], usageType }: Named): WantedPrice => ({
    ...{ service, dimension, unit, serviceCode, filters, usageType },
    isOptional: false,
    isMinor: false,
  });

const inApi = inService('AmazonApiGateway', { productFamily: 'API Calls' });
const inNat = inService('AmazonEC2', { productFamily: 'NAT Gateway' });
const inVpc = inService('AmazonVPC');
const inEcs = inService('AmazonECS');
const inGp3 = inService('AmazonEC2', { volumeApiName: 'gp3' });

/** An instance as a plain Linux machine is billed; every filter rules out another product. */
const onDemand = (instanceType: string): WantedPrice => ({
  service: 'ec2',
  dimension: instanceType,
  unit: 'hour',
  serviceCode: 'AmazonEC2',
  filters: {
    instanceType,
    operatingSystem: 'Linux',
    tenancy: 'Shared',
    preInstalledSw: 'NA',
    capacitystatus: 'Used',
    licenseModel: 'No License required',
    operation: 'RunInstances',
  },
  isOptional: true,
  isMinor: false,
});

const minor = (named: Named, serviceCode: string): WantedPrice => ({
  ...inService(serviceCode)(named),
  isMinor: true,
});

const hosting: WantedPrice = {
  service: 'sagemaker',
  dimension: 'ml.g4dn.xlarge',
  unit: 'hour',
  serviceCode: 'AmazonSageMaker',
  filters: {
    productFamily: 'ML Instance',
    instanceName: 'ml.g4dn.xlarge',
    platoinstancetype: 'Hosting',
  },
  isOptional: true,
  isMinor: true,
};

const minors: readonly (readonly [serviceCode: string, usageType: string, ...Named['price']])[] = [
  ['AmazonECR', 'TimedStorage-ByteHrs', 'ecr', 'storage', 'GB-month'],
  ['AmazonS3', 'TimedStorage-ByteHrs', 's3', 'storage', 'GB-month'],
  ['AmazonS3', 'Requests-Tier1', 's3', 'put-requests', 'request'],
  ['AmazonS3', 'Requests-Tier2', 's3', 'get-requests', 'request'],
  ['AmazonCloudWatch', 'DataProcessing-Bytes', 'cloudwatch', 'logs-ingested', 'GB'],
  ['AmazonCloudWatch', 'TimedStorage-ByteHrs', 'cloudwatch', 'logs-stored', 'GB-month'],
  ['AmazonCloudWatch', 'CW:MetricMonitorUsage', 'cloudwatch', 'metrics', 'metric-month'],
  ['AmazonCloudWatch', 'CW:AlarmMonitorUsage', 'cloudwatch', 'alarms', 'alarm-month'],
  ['AWSSecretsManager', 'AWSSecretsManager-Secrets', 'secrets-manager', 'secrets', 'secret-month'],
];

/** Everything that a refresh asks for. What is not here keeps its shipped price. */
export const wantedPrices: readonly WantedPrice[] = [
  lambda('duration-x86_64', 'AWS-Lambda-Duration', 'Lambda-GB-Second'),
  lambda('duration-arm64', 'AWS-Lambda-Duration-ARM', 'Lambda-GB-Second-ARM'),
  lambda('requests', 'AWS-Lambda-Requests', 'Request'),
  lambda(
    'provisioned-x86_64',
    'AWS-Lambda-Provisioned-Concurrency',
    'Lambda-Provisioned-Concurrency',
  ),
  lambda(
    'provisioned-arm64',
    'AWS-Lambda-Provisioned-Concurrency-ARM',
    'Lambda-Provisioned-Concurrency-ARM',
  ),
  lambda(
    'provisioned-duration-x86_64',
    'AWS-Lambda-Duration-Provisioned',
    'Lambda-Provisioned-GB-Second',
  ),
  lambda(
    'provisioned-duration-arm64',
    'AWS-Lambda-Duration-Provisioned-ARM',
    'Lambda-Provisioned-GB-Second-ARM',
  ),
  inApi({ price: ['api-gateway', 'rest-requests', 'request'], usageType: 'ApiGatewayRequest' }),
  inApi({ price: ['api-gateway', 'http-requests', 'request'], usageType: 'ApiGatewayHttpRequest' }),
  inNat({ price: ['vpc', 'nat-hours', 'hour'], usageType: 'NatGateway-Hours' }),
  inNat({ price: ['vpc', 'nat-bytes', 'GB'], usageType: 'NatGateway-Bytes' }),
  inVpc({ price: ['vpc', 'endpoint-hours', 'hour'], usageType: 'VpcEndpoint-Hours' }),
  inVpc({ price: ['vpc', 'ipv4-hours', 'hour'], usageType: 'PublicIPv4:InUseAddress' }),
  inEcs({ price: ['fargate', 'vcpu-hours', 'vCPU-hour'], usageType: 'Fargate-vCPU-Hours:perCPU' }),
  inEcs({ price: ['fargate', 'memory-hours', 'GB-hour'], usageType: 'Fargate-GB-Hours' }),
  inGp3({ price: ['ebs', 'gp3-storage', 'GB-month'], usageType: 'EBS:VolumeUsage.gp3' }),
  ...gpuInstances.map(({ instanceType }) => onDemand(instanceType)),
  hosting,
  ...minors.map(([serviceCode, usageType, ...price]) => minor({ price, usageType }, serviceCode)),
];
