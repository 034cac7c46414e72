import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '#adapters/local/system-clock.ts';
import { LAMBDA_MEMORY_MIB, laneRatesOf } from '#core/cost/lane-rates.ts';
import type { LedgerRow } from '#core/cost/ledger-row.ts';
import { openShippedPrices } from '#core/cost/shipped-prices.ts';
import { createUsagePricer, parseUsageLine } from '#core/cost/usage-line.ts';
import { readDeploymentConfig } from '#core/deployment/deployment-config.ts';
import { createUsageLog } from '../../../../functions/aws/log-usage.ts';
import { priceOfAnswer } from '../../../../functions/aws/price-of-answer.ts';
import { noPredictions } from '../../../../functions/inference/record-predictions.ts';
import { createRequestCharges } from '../../../../functions/inference/request-charges.ts';
import { answerPrices } from '../../../../infra/answer-prices.ts';

const usage = { items: 1, tokens: 7, processingMillis: 9.3 };
const region = 'eu-west-1';
const variables = { AWS_REGION: region, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: `${LAMBDA_MEMORY_MIB}` };
const architecture = 'x86_64';
const openCatalogue = () => openShippedPrices({ today: '2026-11-24' });

function deployedCost(processingMillis: number) {
  const prices = answerPrices(readDeploymentConfig({ region, architecture }));
  return priceOfAnswer(prices, variables)({ ...usage, processingMillis });
}

test('a deployed answer costs what one machine says that it would', () => {
  const lookup = laneRatesOf(openCatalogue(), { region, architecture });
  assert.ok(lookup.kind === 'found');
  const ledger = { append: () => {}, flush: async () => {}, close: async () => {}, read: noRows };
  const here = createRequestCharges({
    predictions: noPredictions,
    rates: lookup.rates,
    ledger,
    clock: systemClock,
  });
  for (const processingMillis of [0, 0.2, 9.3, 1_000, 28_999]) {
    const local = here.costOf({ ...usage, processingMillis });
    const deployed = deployedCost(processingMillis);
    assert.ok(Math.abs(local.usd - deployed.usd) < 1e-12, `${local.usd} is not ${deployed.usd}`);
  }
});

test('a deployed answer costs what its row in the ledger says, without init and transfer', () => {
  const lines: string[] = [];
  createUsageLog({
    predictions: noPredictions,
    environment: { memoryMib: LAMBDA_MEMORY_MIB, architecture },
    ...{ initMillis: () => 0, region, clock: systemClock },
    log: (entry) => void lines.push(JSON.stringify(entry)),
  })({
    ...{ requestId: 'one', tenant: 'acme', model: 'sst2-minilm', status: 200 },
    ...{ usage, askedItems: 1, elapsedMillis: usage.processingMillis, responseBytes: 0 },
  });
  const line = parseUsageLine(lines[0] ?? '');
  assert.ok(line !== undefined);
  const row = createUsagePricer(openCatalogue)(line);

  assert.ok(Math.abs(Number(row?.usd) - deployedCost(usage.processingMillis).usd) < 1e-12);
});

test('where no price is known the answer says so', () => {
  const costOf = priceOfAnswer({}, { ...variables, AWS_REGION: 'mars-north-1' });

  assert.match(costOf(usage).basis, /no price of AWS Lambda in mars-north-1 is known/);
});

async function* noRows(): AsyncIterable<LedgerRow> {}
