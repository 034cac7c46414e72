import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { startBatchRelay } from '../fixtures/aws/batch-relay.ts';
import { assemblyOf, bootstrap, deploy } from '../fixtures/aws/deployment.ts';
import { rightsOfDeployment } from '../fixtures/aws/rights-of-deployment.ts';
import { startRightsProxy } from '../fixtures/aws/rights-proxy.ts';
import { startEmulator } from '../fixtures/aws/start-emulator.ts';

// npm run test:aws [files]: what needs AWS, against an emulator on this machine. Files named
// deployed-*.aws.ts share one deployment, which is made while the others run.

/** More than the default, and as many as one small machine holds without others noticing. */
const WARM_ENVIRONMENTS = 4;

const relay = await startBatchRelay();
// The emulator lets everybody do everything. What deployed functions ask of S3 is held against their roles.
const rights = await startRightsProxy();
const emulator = await startEmulator({
  environment: {
    AWS_ENDPOINT_URL_BATCH: relay.endpoint,
    AWS_ENDPOINT_URL_S3: rights.endpoint,
  },
}).catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`The emulator could not be started: ${reason}`);
  console.error('It needs Python 3.10 or later with venv and access to a package index.');
  process.exit(1);
});
rights.aim(emulator.endpoint);
const folder = await mkdtemp(join(tmpdir(), 'switchyard-deployment-'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const named = process.argv.slice(2);
const files = globSync(named.length > 0 ? named : ['test/aws/**/*.aws.ts']).sort();
const isDeployed = (file: string): boolean => basename(file).startsWith('deployed-');
try {
  const succeeded = await Promise.all([
    runTests(files.filter((file) => !isDeployed(file))),
    runDeployedTests(files.filter(isDeployed)),
  ]);
  const refused = [...new Set(rights.refused)];
  if (rights.used.size > 0) console.log(`# rights used: ${[...rights.used].sort().join(', ')}`);
  for (const right of refused) console.log(`# no role of a deployed function may do: ${right}`);
  const isGood = files.length > 0 && succeeded.every(Boolean) && refused.length === 0;
  process.exitCode = isGood ? 0 : 1;
} finally {
  await emulator.stop();
  await relay.close();
  await rights.close();
  await rm(folder, { recursive: true, force: true });
}

async function runDeployedTests(deployed: readonly string[]): Promise<boolean> {
  if (deployed.length === 0) return true;
  const startMillis = performance.now();
  await bootstrap(emulator.endpoint);
  const inputs = { tenantPrefixes: { acme: ['incoming/'] } };
  const tenants = {
    'none-left': { monthlyUsd: 0 },
    slowed: { monthlyUsd: 0, mode: 'degrade' },
    waits: { monthlyUsd: 1, mode: 'queue' },
  };
  const config = {
    ...{ inputs, tenantBudgets: { tenants }, jobRetentionDays: 31 },
    warming: { environments: WARM_ENVIRONMENTS },
  };
  const deployment = await deploy(emulator.endpoint, { folder, config });
  const { DataBucketName: bucket, WorkBucketName: work } = deployment.bulk;
  rights.hold({ bucket, work }, rightsOfDeployment(assemblyOf(folder, deployment.name)));
  const seconds = Math.round((performance.now() - startMillis) / 1_000);
  console.log(`# bootstrapped and deployed in ${seconds} s`);
  const file = join(folder, 'deployment.json');
  await writeFile(file, JSON.stringify(deployment));
  const variables = {
    SWITCHYARD_DEPLOYMENT: file,
    SWITCHYARD_WARM_ENVIRONMENTS: String(WARM_ENVIRONMENTS),
  };
  // First what counts environments: nobody else has called a function by then, or calls one beside it.
  const isCounting = (each: string): boolean => basename(each) === 'deployed-warm.aws.ts';
  const hasCounted = await runTests(deployed.filter(isCounting), variables);
  const others = deployed.filter((each) => !isCounting(each));
  return (await runTests(others, variables)) && hasCounted;
}

/** Most of the time is spent waiting, so two files at a time of either kind keep two cores busy. */
async function runTests(
  some: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  if (some.length === 0 || stop.signal.aborted) return some.length === 0;
  const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', ...some], {
    stdio: 'inherit',
    env: {
      ...process.env,
      SWITCHYARD_S3_ENDPOINT: emulator.endpoint,
      SWITCHYARD_BATCH_RELAY: relay.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      ...variables,
    },
  });
  const end = (): boolean => tests.kill('SIGTERM');
  stop.signal.addEventListener('abort', end);
  const [exitCode] = await once(tests, 'exit');
  stop.signal.removeEventListener('abort', end);
  return exitCode === 0;
}
