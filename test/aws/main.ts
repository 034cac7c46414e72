import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startEmulator } from '../fixtures/aws/start-emulator.ts';

// npm run test:aws: the tests that need a real S3 implementation, against one on this machine.

const emulator = await startEmulator().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(`The emulator could not be started: ${reason}`);
  console.error('It needs Python 3.10 or later with venv and access to a package index.');
  process.exit(1);
});
const patterns = process.argv.length > 2 ? process.argv.slice(2) : ['test/aws/**/*.aws.ts'];
const tests = spawn(process.execPath, ['--test', '--test-concurrency=2', ...patterns], {
  stdio: 'inherit',
  env: {
    ...process.env,
    SWITCHYARD_S3_ENDPOINT: emulator.endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
  },
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => tests.kill(signal));
}
const [exitCode] = await once(tests, 'exit');
await emulator.stop();
process.exitCode = typeof exitCode === 'number' ? exitCode : 1;
