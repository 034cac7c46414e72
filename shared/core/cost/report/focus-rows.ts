import type { CostLine } from './cost-line.ts';

/** The columns of the FOCUS 1.2 export, in the order in which they are written. */
export const focusColumns = [
  ...['BilledCost', 'BillingAccountId', 'BillingAccountName', 'BillingCurrency'],
  ...['BillingPeriodEnd', 'BillingPeriodStart', 'ChargeCategory', 'ChargeClass'],
  ...['ChargeDescription', 'ChargePeriodEnd', 'ChargePeriodStart', 'ConsumedQuantity'],
  ...['ConsumedUnit', 'ContractedCost', 'EffectiveCost', 'InvoiceIssuerName', 'ListCost'],
  ...['ListUnitPrice', 'PricingCategory', 'PricingQuantity', 'PricingUnit', 'ProviderName'],
  ...['PublisherName', 'RegionId', 'ResourceId', 'ServiceCategory', 'ServiceName', 'SkuId'],
  ...['SkuPriceId', 'SubAccountId', 'Tags', 'x_Estimate', 'x_Part'],
] as const;

export type FocusRow = Readonly<Record<string, string>>;

const services: Readonly<Record<string, readonly [name: string, category: string]>> = {
  lambda: ['AWS Lambda', 'Compute'],
  'api-gateway': ['Amazon API Gateway', 'Networking'],
  'data-transfer': ['AWS Data Transfer', 'Networking'],
  cloudwatch: ['Amazon CloudWatch', 'Management and Governance'],
  ec2: ['Amazon Elastic Compute Cloud', 'Compute'],
  'ec2-spot': ['Amazon Elastic Compute Cloud', 'Compute'],
  ebs: ['Amazon Elastic Block Store', 'Storage'],
  vpc: ['Amazon Virtual Private Cloud', 'Networking'],
  s3: ['Amazon Simple Storage Service', 'Storage'],
  sqs: ['Amazon Simple Queue Service', 'Integration'],
  ecr: ['Amazon Elastic Container Registry', 'Storage'],
  scheduler: ['Amazon EventBridge Scheduler', 'Integration'],
  'secrets-manager': ['AWS Secrets Manager', 'Security'],
  sagemaker: ['Amazon SageMaker', 'AI and Machine Learning'],
  fargate: ['AWS Fargate', 'Compute'],
};

/**
 * A plan's month as FOCUS rows, so that the estimate can be laid beside a bill of the same form. A line
 * without a known price is no row: a cost of 0 would be an invented one.
 */
export function focusRows(
  lines: readonly CostLine[],
  place: { readonly region: string; readonly generatedAt: string },
): readonly FocusRow[] {
  const { start, end } = monthOf(place.generatedAt);
  const priced = lines.filter(({ isUnpriced }) => !isUnpriced);
  return priced.map((line) => {
    const [service = '', dimension = ''] = line.item.split(' ');
    const [name, category] = services[service] ?? [service, 'Other'];
    const cost = decimal(line.usd);
    return {
      BilledCost: cost,
      BillingAccountId: 'estimate',
      BillingAccountName: 'Switchyard estimate',
      BillingCurrency: 'USD',
      BillingPeriodEnd: end,
      BillingPeriodStart: start,
      ChargeCategory: 'Usage',
      ChargeClass: '',
      ChargeDescription: line.label,
      ChargePeriodEnd: end,
      ChargePeriodStart: start,
      ConsumedQuantity: decimal(line.quantity),
      ConsumedUnit: line.unit,
      ContractedCost: cost,
      EffectiveCost: cost,
      InvoiceIssuerName: 'AWS',
      ListCost: cost,
      ListUnitPrice: decimal(listUnitPrice(line)),
      PricingCategory: service === 'ec2-spot' ? 'Dynamic' : 'Standard',
      PricingQuantity: decimal(line.quantity),
      PricingUnit: line.unit,
      ProviderName: 'AWS',
      PublisherName: 'AWS',
      RegionId: place.region,
      ResourceId: '',
      ServiceCategory: category,
      ServiceName: name,
      SkuId: dimension,
      SkuPriceId: line.item,
      SubAccountId: '',
      Tags: '{"switchyard":"estimate"}',
      x_Estimate: 'true',
      x_Part: line.part,
    };
  });
}

/** FOCUS wants unit price times quantity to be the cost, so a line of several tiers has their mean. */
function listUnitPrice({ usd, usdPerUnit, quantity }: CostLine): number {
  const isOneTier = Math.abs(usdPerUnit * quantity - usd) <= 1e-12 * usd;
  return isOneTier || quantity === 0 ? usdPerUnit : usd / quantity;
}

function monthOf(generatedAt: string): { readonly start: string; readonly end: string } {
  const year = Number(generatedAt.slice(0, 4));
  const month = Number(generatedAt.slice(5, 7));
  const at = (offset: number) => new Date(Date.UTC(year, month - 1 + offset, 1)).toISOString();
  return { start: at(0), end: at(1) };
}

/** Digits that no spreadsheet misreads: no exponent. */
function decimal(value: number): string {
  return value.toFixed(12).replace(/\.?0+$/, '');
}
