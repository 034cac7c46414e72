/** What the driver says about one GPU; null where it does not say it, never 0. */
export interface GpuHealth {
  readonly index: number;
  readonly name: string;
  readonly driver: string;
  readonly memoryTotalMib: number | null;
  readonly memoryUsedMib: number | null;
  readonly utilizationPercent: number | null;
  readonly temperatureCelsius: number | null;
}

/** For `nvidia-smi --query-gpu=…`, in the order in which `parseGpuHealth` reads them. */
export const gpuHealthFields = [
  'index',
  'name',
  'driver_version',
  'memory.total',
  'memory.used',
  'utilization.gpu',
  'temperature.gpu',
] as const;

/** Oldest driver that runs CUDA 13, which the provider of this ONNX Runtime is linked to. */
const OLDEST_DRIVER = 580;

/** Reads `--format=csv,noheader,nounits`; null where the text is not that. */
export function parseGpuHealth(csv: string): readonly GpuHealth[] | null {
  const lines = csv.split('\n').filter((line) => line.trim() !== '');
  const gpus = lines.flatMap((line) => parseLine(line) ?? []);
  return gpus.length === 0 || gpus.length !== lines.length ? null : gpus;
}

function parseLine(line: string): GpuHealth | undefined {
  const fields = line.split(',').map((field) => field.trim());
  const [index, name, driver, total, used, utilization, temperature] = fields;
  if (fields.length !== gpuHealthFields.length || !/^\d+$/.test(index ?? '')) return undefined;
  return {
    index: Number(index),
    name: name ?? '',
    driver: driver ?? '',
    memoryTotalMib: numberOrNull(total),
    memoryUsedMib: numberOrNull(used),
    utilizationPercent: numberOrNull(utilization),
    temperatureCelsius: numberOrNull(temperature),
  };
}

/** The tool writes `[N/A]` or `[Not Supported]` for what a GPU does not measure. */
function numberOrNull(text: string | undefined): number | null {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

/** Why CUDA cannot run on these GPUs, or undefined. Nothing known is no problem: opening will tell. */
export function driverProblem(gpus: readonly GpuHealth[] | null): string | undefined {
  const old = gpus?.find(({ driver }) => Number.parseInt(driver, 10) < OLDEST_DRIVER);
  if (old === undefined) return undefined;
  return (
    `The driver ${old.driver} of ${old.name} is older than ${OLDEST_DRIVER}, which CUDA 13 needs. ` +
    'Use a machine image with a newer driver, such as ECS_AL2023_NVIDIA.'
  );
}
