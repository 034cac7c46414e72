import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BillRow, billRowSchema, itemOfBillRow } from '#core/cost/report/bill-row.ts';
import { reconcileBill } from '#core/cost/report/reconcile-bill.ts';
import { readBill } from '../../../cli/report/read-bill.ts';
import { temporaryFolder } from '../../contract/temporary-folder.ts';

const tagged = '{"project":"switchyard"}';

function row(product: string, usage: string, usd: string, part: Partial<BillRow> = {}): BillRow {
  return billRowSchema.parse({
    line_item_usage_start_date: '2026-11-01T00:00:00Z',
    line_item_usage_end_date: '2026-12-01T10:00:00Z',
    line_item_product_code: product,
    line_item_usage_type: usage,
    line_item_usage_amount: '1',
    line_item_unblended_cost: usd,
    resource_tags: tagged,
    ...part,
  });
}

// 730 hours: the bill covers exactly the month that was estimated.
const bill = [
  row('AWSLambda', 'APN1-Lambda-GB-Second', '1.50'),
  row('AWSLambda', 'Request', '0.20'),
  row('AmazonEC2', 'EUC1-SpotUsage:g4dn.xlarge', '2.00', { pricing_public_on_demand_cost: '5.20' }),
  row('AmazonEC2', 'NatGateway-Bytes', '7.00', { resource_tags: '' }),
  row('AmazonS3', 'USE1-TimedStorage-ByteHrs', '0.10'),
  row('AmazonCloudWatch', 'TimedStorage-ByteHrs', '0.05'),
  row('AmazonKinesisFirehose', 'BilledBytes', '0.33'),
  row('AWSLambda', 'Request', '4.00', { resource_tags: '{"project":"another"}' }),
  row('AWSLambda', 'Request', '0.90', { line_item_line_item_type: 'Tax' }),
];
const monthlyUsd = new Map([
  ['lambda duration-x86_64', 1.25],
  ['lambda requests', 0.2],
  ['api-gateway rest-requests', 3.5],
]);

test('estimate and bill side by side; the gap has a name, and so has what nothing explains', () => {
  const found = reconcileBill(bill, { monthlyUsd, tag: 'project=switchyard' });
  const gapOf = (item: string) =>
    Number(found.items.find((each) => each.item === item)?.gapUsd.toFixed(6));

  assert.equal(found.actualUsd, 11.18);
  assert.ok(Math.abs(found.estimateUsd - 4.95) < 1e-9);
  assert.ok(Math.abs(found.gapUsd - (11.18 - 4.95)) < 1e-9);
  assert.equal(gapOf('lambda duration-x86_64'), 0.25);
  assert.equal(gapOf('lambda requests'), 0);
  // Estimated and never billed: a gap too.
  assert.equal(gapOf('api-gateway rest-requests'), -3.5);
  assert.deepEqual(found.unexplained, [{ usageType: 'BilledBytes', usd: 0.33 }]);
  assert.equal(found.unexplainedUsd, 0.33);
  assert.equal(found.otherChargesUsd, 0.9);
  assert.equal(found.spotSavingUsd, 3.2);
  assert.equal(found.untaggedRows, 1);
  assert.deepEqual(
    found.items.filter(({ isShared }) => isShared).map(({ item }) => item),
    ['vpc nat-bytes'],
  );
});

test('every dollar of the bill is in one place: items, unexplained, other charges or other tags', () => {
  const found = reconcileBill(bill, { monthlyUsd, tag: 'project=switchyard' });
  const items = found.items.reduce((sum, { actualUsd }) => sum + actualUsd, 0);
  const all = items + found.unexplainedUsd + found.otherChargesUsd + 4;

  assert.equal(all.toFixed(9), '16.080000000');
});

test('an estimate of a month is cut to the time that the bill covers', () => {
  const day = { line_item_usage_end_date: '2026-11-02T00:00:00Z' };
  const found = reconcileBill([row('AWSLambda', 'Request', '0.1', day)], { monthlyUsd });

  assert.ok(Math.abs(found.estimateUsd - (4.95 * 24) / 730) < 1e-9);
});

test('usage types lose the prefix of their region; the same one means another thing elsewhere', () => {
  assert.equal(itemOfBillRow(row('AmazonEC2', 'BoxUsage:p3.2xlarge', '1')), 'ec2 p3.2xlarge');
  assert.equal(itemOfBillRow(row('AmazonEC2', 'EU-NatGateway-Hours', '1')), 'vpc nat-hours');
  assert.equal(itemOfBillRow(row('AmazonECR', 'TimedStorage-ByteHrs', '1')), 'ecr storage');
  assert.equal(itemOfBillRow(row('AmazonS3', 'TimedStorage-ByteHrs', '1')), 's3 storage');
  assert.equal(itemOfBillRow(row('AmazonRDS', 'InstanceUsage:db.t3', '1')), undefined);
});

test('a tag is found in every form in which exports write it, and not in another one', () => {
  const sums = (resource_tags: string, tag = 'project=switchyard') =>
    reconcileBill([row('AWSLambda', 'Request', '0.1', { resource_tags })], { monthlyUsd, tag })
      .actualUsd;
  for (const tags of [
    '{"project":"switchyard"}',
    '{ "a": "b", "user_project": "switchyard" }',
    '{user:project=switchyard}',
    '{a=b, user_project=switchyard}',
    'project=switchyard',
  ]) {
    assert.equal(sums(tags), 0.1, tags);
  }
  for (const tags of [
    '',
    '{}',
    '{"project":"switchyard2"}',
    '{"my_project":"switchyard"}',
    '[1]',
  ]) {
    assert.equal(sums(tags), 0, tags);
  }
  // Exports put an underscore for the colon of a key; a value may hold an equals sign.
  assert.equal(sums('{"user_switchyard_deployment":"a=b"}', 'switchyard:deployment=a=b'), 0.1);
});

test('a CUR 2.0 file is read; one with other columns is refused by the name of the column', async (t) => {
  const folder = await temporaryFolder(t);
  const columns = Object.keys(bill[0] ?? {});
  const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = bill.map((each) =>
    columns.map((name) => cell(each[name as keyof BillRow])).join(','),
  );
  const good = join(folder, 'cur.csv');
  const bad = join(folder, 'old.csv');
  await writeFile(
    good,
    `identity_line_item_id,${columns.join(',')}\n${lines.map((line) => `x,${line}`).join('\n')}\n`,
  );
  await writeFile(bad, 'lineItem/UsageType,cost\nRequest,1\n');

  assert.deepEqual(await readBill(good), bill);
  await assert.rejects(readBill(bad), /not a Cost and Usage Report.*line_item_usage_start_date/);
});
