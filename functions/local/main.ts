// `npm start`: everything on one machine.

const NODE_MAJOR = 24;
if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR) {
  process.stderr.write(
    `Switchyard needs Node ${NODE_MAJOR} or later; this is ${process.version}. Start it with "npm start", which brings its own.\n`,
  );
  process.exit(1);
}

// ONNX Runtime reports home unless told not to, and only the main thread's environment counts.
process.env['ORT_DISABLE_TELEMETRY'] = '1';

try {
  // Imported late: an older Node could not even read the sources.
  const { serve } = await import('./serve.ts');
  const { readStartArguments } = await import('./start-arguments.ts');
  await serve({ ...process.env, ...readStartArguments(process.argv.slice(2)) });
} catch (error) {
  const { explainStartFailure } = await import('./explain-start-failure.ts');
  const failure = explainStartFailure(error);
  const otherwise = error instanceof Error ? error.message : String(error);
  const shown = failure === undefined ? otherwise : `${failure.detail}\n${failure.remedy}`;
  process.stderr.write(`${shown}\n`);
  process.exit(1);
}
