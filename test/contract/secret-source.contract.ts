import assert from 'node:assert/strict';
import { MIN_SECRET_CHARACTERS, type SecretSource } from '#core/ports/secret-source.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';
import { type ContractCase, type ContractSubject, describeContract } from './contract-case.ts';

export interface SecretDeployment {
  /** A source of a process of this deployment; each call is another process. */
  readonly open: () => SecretSource;
  /** Puts something else where the secret is. */
  readonly store: (text: string) => Promise<void>;
}

/** What every source must do; the promises are in shared/core/ports/secret-source.ts. */
export function describeSecretSource(subject: ContractSubject<SecretDeployment>): void {
  describeContract(subject, cases);
}

const cases: Record<string, ContractCase<SecretDeployment>> = {
  async 'gives every process of the deployment the same secret'({ open }) {
    const first = open();
    const others = Array.from({ length: 8 }, open);
    const secrets = await Promise.all([first, ...others].map((source) => source.read()));

    assert.equal(new Set(secrets).size, 1);
    assert.equal(await first.read(), secrets[0]);
    assert.ok((secrets[0]?.length ?? 0) >= MIN_SECRET_CHARACTERS);
  },

  async 'refuses what is no secret and does not repeat it'({ open, store }) {
    await store('short');
    await assert.rejects(open().read(), (error) => {
      assert.ok(error instanceof SwitchyardError);
      assert.equal(error.code, 'invalid_setting');
      assert.doesNotMatch(error.detail, /short/);
      return true;
    });
  },

  async 'reads again after a failure'({ open, store }) {
    const source = open();
    const secret = await open().read();
    await store('x');
    await assert.rejects(source.read());
    await store(secret);
    assert.equal(await source.read(), secret);
  },
};
