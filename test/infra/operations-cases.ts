import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { resourcesOf, type Synthesis } from './synthesize.ts';

export function operationsCases({ operations, all }: Synthesis): void {
  test('every alarm names its section of the runbook, and the section is there', () => {
    const runbook = readFileSync(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
    const alarms = resourcesOf(operations, 'AWS::CloudWatch::Alarm');

    assert.equal(alarms.length, 5);
    for (const { Properties } of alarms) {
      const [, heading] = /docs\/runbook\.md: (.+)$/.exec(Properties.AlarmDescription) ?? [];
      assert.ok(heading !== undefined && runbook.includes(`\n## ${heading}\n`), heading);
    }
  });

  test('an idle service raises no alarm', () => {
    for (const { Properties } of resourcesOf(operations, 'AWS::CloudWatch::Alarm')) {
      assert.equal(Properties.TreatMissingData, 'notBreaching');
    }
  });

  test('the alarm of the reconciler looks at four rounds, each of which fails once at most', () => {
    const alarm = resourcesOf(operations, 'AWS::CloudWatch::Alarm').find(({ Properties }) =>
      Properties.AlarmDescription.endsWith('reconciler-failures'),
    );
    const { Period, Threshold, EvaluationPeriods } = alarm?.Properties ?? {};
    const rules = resourcesOf(all, 'AWS::Events::Rule').filter(
      ({ Properties }) => Properties.ScheduleExpression !== undefined,
    );
    const minutes = rules.map(({ Properties }) => /\d+/.exec(Properties.ScheduleExpression)?.[0]);
    const scheduled = rules
      .map(({ Properties }) => functionOf(Properties.Targets[0].Arn))
      .filter((name) => /^(Reconciler|Warming|Drift)/.test(name));
    const repeated = new Map(
      resourcesOf(all, 'AWS::Lambda::EventInvokeConfig').map(({ Properties }) => [
        functionOf(Properties.FunctionName),
        Properties.MaximumRetryAttempts,
      ]),
    );

    assert.deepEqual([Threshold, EvaluationPeriods], [2, 1]);
    assert.equal(Period, 4 * 60 * Number(minutes[0]));
    assert.equal(scheduled.length, 3);
    for (const name of scheduled) assert.equal(repeated.get(name), 0, name);
  });

  test('rows of the ledger go where those of jobs are, and no other line of a log does', () => {
    const [stream] = resourcesOf(operations, 'AWS::KinesisFirehose::DeliveryStream');
    const filters = resourcesOf(operations, 'AWS::Logs::SubscriptionFilter');

    const { Prefix, BucketARN } = stream?.Properties.ExtendedS3DestinationConfiguration ?? {};
    assert.match(Prefix, /^ledger\//);
    // What `destroy` leaves.
    assert.match(JSON.stringify(BucketARN), /BucketsData/);
    assert.equal(filters.length, 2);
    for (const { Properties } of filters) assert.match(Properties.FilterPattern, /\$\.basis/);
  });
}

/** The function that a reference or an ARN attribute names. */
function functionOf(reference: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = reference as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
}
