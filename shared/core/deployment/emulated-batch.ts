/**
 * Names by which the functions know AWS Batch where the stacks leave it out (`-c emulator=…`): the
 * stand-in of the tests registers the job definition of the full template under them.
 */
export const emulatedBatch = {
  spotQueue: 'switchyard-spot',
  onDemandQueue: 'switchyard-on-demand',
  jobDefinition: 'switchyard-worker',
} as const;
