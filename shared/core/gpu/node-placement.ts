import * as z from 'zod';

/** On which kind of processor the operators of a model ran. */
export interface NodePlacement {
  readonly gpuNodes: number;
  /** Operators that ran on the CPU behind the GPU, each name once; those that compute shapes left out. */
  readonly cpuOperators: readonly string[];
  readonly cpuNodes: number;
}

/** ONNX Runtime puts these on the CPU on purpose where they handle shapes: a few bytes each. */
const shapeOperators = new Set([
  'Cast',
  'Concat',
  'ConstantOfShape',
  'Expand',
  'Gather',
  'Range',
  'Shape',
  'Size',
  'Slice',
  'Squeeze',
  'Unsqueeze',
]);

/** Least share of operators on the GPU: with less, data goes back and forth, slower than a CPU alone. */
const LEAST_GPU_SHARE = 0.9;

const eventsSchema = z.array(
  z.looseObject({
    cat: z.string().optional(),
    name: z.string(),
    args: z
      .looseObject({ provider: z.string().optional(), op_name: z.string().optional() })
      .optional(),
  }),
);

/** Reads a profile of ONNX Runtime (Chrome's trace format); undefined where it is none. */
export function readPlacement(profile: unknown): NodePlacement | undefined {
  const events = eventsSchema.safeParse(profile).data;
  if (events === undefined) return undefined;
  const cpuOperators = new Set<string>();
  let [gpuNodes, cpuNodes] = [0, 0];
  for (const { cat, name, args } of events) {
    const { provider, op_name: operator = '' } = args ?? {};
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || provider === undefined) continue;
    if (operator.startsWith('Memcpy')) continue;
    if (provider !== 'CPUExecutionProvider') gpuNodes += 1;
    else if (!shapeOperators.has(operator)) {
      cpuNodes += 1;
      cpuOperators.add(operator);
    }
  }
  return { gpuNodes, cpuNodes, cpuOperators: [...cpuOperators].sort() };
}

/** Why a model must not be said to run on the GPU, or undefined. */
export function placementProblem(placement: NodePlacement | undefined): string | undefined {
  if (placement === undefined) return 'ONNX Runtime did not say where the operators ran';
  const { gpuNodes, cpuNodes, cpuOperators } = placement;
  const share = gpuNodes / (gpuNodes + cpuNodes);
  if (share >= LEAST_GPU_SHARE) return undefined;
  return (
    `only ${gpuNodes} of ${gpuNodes + cpuNodes} operators ran on the GPU; on the CPU behind it ran ` +
    (cpuOperators.join(', ') || 'none that count')
  );
}
