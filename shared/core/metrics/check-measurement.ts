import { SwitchyardError } from '#core/switchyard-error.ts';

/** Throws `invalid_metric` unless name and amount may be counted: finite, ≥ 0, `_total` at the end. */
export function checkCount(name: string, amount: number): void {
  if (!(Number.isFinite(amount) && amount >= 0)) {
    throw invalidMetric(name, 'a counter grows by a finite amount from 0');
  }
  checkName(name, { isCounter: true });
}

/** Throws `invalid_metric` unless name and value may be observed. */
export function checkObservation(name: string, value: number): void {
  if (!Number.isFinite(value)) throw invalidMetric(name, 'an observation is a finite number');
  checkName(name, { isCounter: false });
}

function checkName(name: string, kind: { readonly isCounter: boolean }): void {
  if (!/^[a-z][a-z0-9_]{0,127}$/.test(name) || name === 'model' || name === 'lane') {
    throw invalidMetric(
      name,
      'a name has lower-case letters, digits and "_", and is not a dimension',
    );
  }
  if (name.endsWith('_total') !== kind.isCounter) {
    throw invalidMetric(name, 'the names of counters, and only these, end in "_total"');
  }
}

function invalidMetric(name: string, rule: string): SwitchyardError {
  return new SwitchyardError('invalid_metric', `Metric ${JSON.stringify(name)}: ${rule}.`);
}
