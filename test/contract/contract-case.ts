import test, { type TestContext } from 'node:test';

/** How one implementation of a port is put under its contract suite. */
export interface ContractSubject<Opened> {
  /** Name of the implementation, the first words of each test. */
  readonly name: string;
  /** A fresh, empty instance; `context.after` removes what it leaves. */
  readonly open: (context: TestContext) => Promise<Opened>;
  /** Cases that cannot hold for this implementation, each with the reason, which the run prints. */
  readonly skip?: readonly SkippedCase[];
}

export interface SkippedCase {
  readonly case: string;
  readonly reason: string;
}

export type ContractCase<Opened> = (opened: Opened, context: TestContext) => Promise<void>;

/** Registers one test per case. A skip that names no case fails: it would hide a renamed one. */
export function describeContract<Opened>(
  subject: ContractSubject<Opened>,
  cases: Readonly<Record<string, ContractCase<Opened>>>,
): void {
  const reasons = new Map(subject.skip?.map((skipped) => [skipped.case, skipped.reason]));
  const unknown = [...reasons.keys()].filter((name) => !Object.hasOwn(cases, name));
  if (unknown.length > 0) {
    throw new Error(`skip entries without a case: ${unknown.join(', ')}`);
  }
  for (const [name, run] of Object.entries(cases)) {
    const reason = reasons.get(name);
    const options = { timeout: 300_000, ...(reason === undefined ? {} : { skip: reason }) };
    test(`${subject.name} ${name}`, options, async (context) => {
      await run(await subject.open(context), context);
    });
  }
}
