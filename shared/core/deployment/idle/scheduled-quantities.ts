import { architectureOf, findInference, findWarmer, variableOf } from './idle-functions.ts';
import type { IdleQuantity } from './idle-quantity.ts';
import {
  findResources,
  type IdleResource,
  type IdleTemplate,
  numberAt,
  propertyAt,
  runsPerMonth,
} from './idle-template.ts';

/** Billed time of one run of a scheduled function that finds nothing to do. */
const RUN_SECONDS = 1;
/** Log of one run: what it says, and the platform's start and report lines. */
const RUN_LOG_GB = 2_000 / 1e9;
/** Lists of a run at most: the reconciler has jobs, webhooks and expiries, the others the ledger. */
const LISTS_PER_ROUND = 3;
/** Billed time of a ping beyond its hold: one inference. */
const PING_SECONDS = 0.05;
/** Billed start of an environment, and how often AWS replaces one although it is pinged. */
const INIT_SECONDS = 1.5;
const REPLACED_PER_MONTH = 365;

/** What schedules cost in a month in which they find nothing to do. */
export function scheduledQuantities(templates: readonly IdleTemplate[]): readonly IdleQuantity[] {
  return findResources(templates, 'AWS::Events::Rule').flatMap((rule) => {
    const expression = propertyAt(rule, ['ScheduleExpression']);
    const target = targetOf(templates, rule);
    if (typeof expression !== 'string' || target === undefined) return [];
    const runs = runsPerMonth(expression);
    const what = scheduledName(target);
    return [
      ...runQuantities(target, { runs, what }),
      ...(what === 'warmer' ? pingQuantities(templates, runs) : [listQuantity(runs, what)]),
    ];
  });
}

/** What the schedules of a deployment start, and the setting by which each is changed. */
const scheduleSettings = {
  warmer: 'warming.schedule',
  reconciler: 'reconcileMinutes',
  'drift job': 'predictionLog',
  'cost report': 'costReports',
} as const;
type Scheduled = keyof typeof scheduleSettings;

/** By the variables that only it has. */
function scheduledName(target: IdleResource): Scheduled {
  if (variableOf(target, 'SWITCHYARD_WARM_ENVIRONMENTS') !== undefined) return 'warmer';
  if (variableOf(target, 'SWITCHYARD_REPORT_PERIOD') !== undefined) return 'cost report';
  return variableOf(target, 'SWITCHYARD_SPOT_QUEUE') === undefined ? 'drift job' : 'reconciler';
}

/** The function that a rule starts. */
function targetOf(
  templates: readonly IdleTemplate[],
  rule: IdleResource,
): IdleResource | undefined {
  const targets = propertyAt(rule, ['Targets']);
  const text = JSON.stringify(targets ?? '');
  return findResources(templates, 'AWS::Lambda::Function').find(({ id }) =>
    text.includes(`"${id}"`),
  );
}

function runQuantities(
  target: IdleResource,
  { runs, what }: { readonly runs: number; readonly what: Scheduled },
): readonly IdleQuantity[] {
  const setting = scheduleSettings[what];
  const gb = numberAt(target, ['MemorySize']) / 1_024;
  const shared = { what: `schedule of the ${what}`, setting };
  return [
    {
      ...shared,
      service: 'lambda',
      dimension: `duration-${architectureOf(target)}`,
      amount: runs * RUN_SECONDS * gb,
      basis: `${Math.round(runs)} runs of ${RUN_SECONDS} s`,
    },
    { ...shared, service: 'lambda', dimension: 'requests', amount: runs, basis: 'a call a run' },
    {
      ...shared,
      service: 'cloudwatch',
      dimension: 'logs-ingested',
      amount: runs * RUN_LOG_GB,
      basis: '2 kB a run',
    },
  ];
}

function listQuantity(runs: number, what: Scheduled): IdleQuantity {
  return {
    what: `schedule of the ${what}`,
    service: 's3',
    dimension: 'put-requests',
    amount: runs * LISTS_PER_ROUND,
    setting: scheduleSettings[what],
    basis: `${LISTS_PER_ROUND} lists a run`,
  };
}

/** Calls that keep environments open, and the starts of those that AWS replaced all the same. */
function pingQuantities(templates: readonly IdleTemplate[], runs: number): readonly IdleQuantity[] {
  const [warmer, served] = [findWarmer(templates), findInference(templates)];
  if (warmer === undefined || served === undefined) return [];
  const environments = Number(variableOf(warmer, 'SWITCHYARD_WARM_ENVIRONMENTS'));
  const holdSeconds = Number(variableOf(warmer, 'SWITCHYARD_WARM_HOLD_MILLIS')) / 1_000;
  const gb = numberAt(served, ['MemorySize']) / 1_024;
  const pings = runs * environments;
  const seconds =
    pings * (holdSeconds + PING_SECONDS) + environments * REPLACED_PER_MONTH * INIT_SECONDS;
  const shared = { what: 'warm environments', setting: 'warming.environments' };
  return [
    {
      ...shared,
      service: 'lambda',
      dimension: `duration-${architectureOf(served)}`,
      amount: seconds * gb,
      basis: `${Math.round(pings)} pings, ${environments * REPLACED_PER_MONTH} starts`,
    },
    { ...shared, service: 'lambda', dimension: 'requests', amount: pings, basis: 'a call a ping' },
    {
      ...shared,
      service: 'cloudwatch',
      dimension: 'logs-ingested',
      amount: pings * RUN_LOG_GB,
      basis: '2 kB a ping',
    },
  ];
}
