/** What one function's package holds. Entries are named by path: infra never imports them. */
export interface FunctionPackage {
  /** File that exports `handler`; its name is the package's and the handler's. */
  readonly entry: string;
  /**
   * Entries that this one starts as threads or processes, by the name of their file in the package.
   *
   * @default none
   */
  readonly startedFiles?: Readonly<Record<string, string>>;
  /** `weights`: whole bundles with the files of CPU variants; `manifests`: switchyard.json alone. */
  readonly models: 'weights' | 'manifests' | 'none';
  /** Largest size unzipped. A larger package takes longer to open, which every cold start pays. */
  readonly maxBytes: number;
}

const CONTROL_BYTES = 3_000_000;
const MODEL_BYTES = 120_000_000;

/** Every Lambda function of the product. */
export const functionPackages = {
  inference: {
    entry: 'functions/aws/serve-inference.ts',
    models: 'weights',
    maxBytes: MODEL_BYTES,
  },
  fleet: {
    entry: 'functions/aws/work-in-fleet.ts',
    startedFiles: {
      worker: 'gpu-batch/main.ts',
      'session-child': 'gpu-batch/session-child.ts',
    },
    models: 'weights',
    maxBytes: MODEL_BYTES,
  },
  jobs: { entry: 'functions/aws/serve-jobs.ts', models: 'manifests', maxBytes: CONTROL_BYTES },
  authorizer: { entry: 'functions/aws/authorize.ts', models: 'none', maxBytes: CONTROL_BYTES },
  warmer: { entry: 'functions/aws/warm.ts', models: 'none', maxBytes: CONTROL_BYTES },
  startDrops: {
    entry: 'functions/aws/start-drop-jobs.ts',
    models: 'manifests',
    maxBytes: CONTROL_BYTES,
  },
  finisher: { entry: 'functions/aws/finish-jobs.ts', models: 'manifests', maxBytes: CONTROL_BYTES },
  costs: { entry: 'functions/aws/report-costs.ts', models: 'none', maxBytes: CONTROL_BYTES },
  drift: { entry: 'functions/aws/watch-drift.ts', models: 'none', maxBytes: CONTROL_BYTES },
  reconciler: { entry: 'functions/aws/reconcile.ts', models: 'manifests', maxBytes: CONTROL_BYTES },
} as const satisfies Record<string, FunctionPackage>;

export type FunctionName = keyof typeof functionPackages;
