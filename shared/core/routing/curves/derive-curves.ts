import type { MeasuredCurve } from './model-curves.ts';

/** A lane's speed, and why it is believed. */
export interface LaneCurve {
  readonly perCallSeconds: number;
  readonly perTokenSeconds: number;
  /** Per token in bulk, the calls included. */
  readonly bulkPerTokenSeconds: number;
  readonly startSeconds: number;
  /** Undefined where it was measured on that kind of machine. */
  readonly assumption: string | undefined;
}

/** Memory that makes one whole vCPU of a Lambda function. */
const MIB_PER_VCPU = 1769;

/**
 * Speed of a Lambda vCPU against a core of the machine that was measured. Lambda promises AVX2 and no
 * more; the int8 kernels of a server core with AMX or VNNI do about two and a half times as much.
 */
const LAMBDA_CORE_SHARE = 0.4;

/** Speed of a GPU in Lambda vCPUs of one session, from the vendors' figures for small encoders. */
const vcpusPerGpu: Readonly<Record<string, number>> = {
  T4: 40,
  A10G: 80,
  L4: 75,
  L40S: 160,
  V100: 80,
  A100: 320,
  H100: 640,
};

/** A Lambda function of `memoryMib` that runs one session per whole vCPU. */
export function deriveLambdaCurve(measured: MeasuredCurve, memoryMib: number): LaneCurve {
  const share = Math.min(1, memoryMib / MIB_PER_VCPU) * LAMBDA_CORE_SHARE;
  const sessions = Math.max(1, Math.floor(memoryMib / MIB_PER_VCPU));
  return {
    perCallSeconds: measured.perCallSeconds / share,
    perTokenSeconds: measured.perTokenSeconds / share,
    bulkPerTokenSeconds: measured.bulkPerTokenSeconds / share / sessions,
    startSeconds: measured.startSeconds / share,
    assumption:
      `Lambda with ${memoryMib} MB: ${LAMBDA_CORE_SHARE} of a core of ${measured.machine.cpu}, ` +
      `measured ${measured.date}, per vCPU of ${MIB_PER_VCPU} MB`,
  };
}

/** Undefined for a GPU that nothing is known of. */
export function deriveGpuCurve(measured: MeasuredCurve, gpu: string): LaneCurve | undefined {
  const vcpus = vcpusPerGpu[gpu];
  if (vcpus === undefined) return undefined;
  const lambda = deriveLambdaCurve(measured, MIB_PER_VCPU);
  const perTokenSeconds = lambda.bulkPerTokenSeconds / vcpus;
  return {
    perCallSeconds: 0,
    perTokenSeconds,
    bulkPerTokenSeconds: perTokenSeconds,
    startSeconds: 20,
    assumption: `${gpu}: ${vcpus} Lambda vCPUs, from vendors' figures for small encoders`,
  };
}

/** The same machine as the curve was measured on. */
export function ownCurve(measured: MeasuredCurve): LaneCurve {
  const { perCallSeconds, perTokenSeconds, bulkPerTokenSeconds, startSeconds } = measured;
  return {
    perCallSeconds,
    perTokenSeconds,
    bulkPerTokenSeconds,
    startSeconds,
    assumption: undefined,
  };
}
