import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type GpuHealth, gpuHealthFields, parseGpuHealth } from '#core/gpu/gpu-health.ts';

const TOOL_MILLIS = 5_000;

/** What the NVIDIA driver says; null where its tool is absent, hangs or says something else. */
export async function readGpuHealth(tool = 'nvidia-smi'): Promise<readonly GpuHealth[] | null> {
  const query = `--query-gpu=${gpuHealthFields.join(',')}`;
  try {
    const asked = promisify(execFile)(tool, [query, '--format=csv,noheader,nounits'], {
      timeout: TOOL_MILLIS,
      killSignal: 'SIGKILL',
    });
    return parseGpuHealth((await asked).stdout);
  } catch {
    return null;
  }
}
