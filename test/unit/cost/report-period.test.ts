import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastPeriod } from '#core/cost/report/report-period.ts';
import { runsPerMonth } from '#core/deployment/idle/idle-template.ts';

const iso = (millis: number): string => new Date(millis).toISOString();

test('the last period is over, and periods follow one another without a gap', () => {
  const january = lastPeriod('monthly', Date.parse('2027-01-02T06:00:00Z'));
  assert.deepEqual(
    [january.name, iso(january.fromMillis), iso(january.toMillis)],
    ['2026-12', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  );
  let [month, week] = [january, lastPeriod('weekly', Date.parse('2026-11-24T06:00:00Z'))];
  assert.equal(week.name, 'week-2026-11-16');
  for (let at = 0; at < 30; at++) {
    const later = lastPeriod('monthly', month.toMillis + 31 * 86_400_000 + 3_600_000);
    const next = lastPeriod('weekly', week.toMillis + 7 * 86_400_000);
    assert.equal(next.fromMillis, week.toMillis);
    assert.ok(later.fromMillis === month.toMillis, later.name);
    [month, week] = [later, next];
  }
});

test('a schedule by the clock counts its runs of a month', () => {
  assert.equal(runsPerMonth('cron(0 6 2 * ? *)'), 1);
  assert.ok(Math.abs(runsPerMonth('cron(0 6 ? * TUE *)') - 4.35) < 0.01);
  assert.ok(Math.abs(runsPerMonth('cron(30 6 * * ? *)') - 30.4) < 0.1);
  assert.equal(runsPerMonth('rate(5 minutes)'), 8_760);
  assert.equal(runsPerMonth('cron(0/5 8-18 ? * MON-FRI *)'), 730 * 60);
});
