#!/usr/bin/env node

const NODE_MAJOR = 24;
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
  process.stderr.write(
    `Switchyard needs Node ${NODE_MAJOR} or later; this is ${process.version}. In a checkout, npm run -s switchyard -- … starts the one of the project; else install it from https://nodejs.org.\n`,
  );
  process.exit(2);
}

// ONNX Runtime reports home unless told not to, and only the main thread's environment counts.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

// A reader that has seen enough, such as head, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

// Imported late: an older Node may not even parse the rest.
const { runCli } = await import('./run-cli.ts');
const exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  variables: process.env,
});
// A failed command may leave open handles; one that went well may be a running server.
// Not before its last line has left: a job that is not complete shows lines and ends with an error.
if (exitCode !== 0) process.stdout.write('', () => process.exit(exitCode));
