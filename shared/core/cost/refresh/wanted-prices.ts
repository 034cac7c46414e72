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
}

const lambda = (dimension: string, group: string, usageType: string): WantedPrice => ({
  service: 'lambda',
  dimension,
  unit: dimension === 'requests' ? 'request' : 'GB-second',
  serviceCode: 'AWSLambda',
  filters: { group },
  usageType,
  isOptional: false,
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
});

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
];
