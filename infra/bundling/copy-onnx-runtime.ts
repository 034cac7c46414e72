import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './project-folder.ts';

/**
 * Copies ONNX Runtime for one platform. The package as it is published holds every platform: 288 MB,
 * more than a function may have; one of them is 46 MB (x64) or 25 MB (arm64).
 */
export function copyOnnxRuntime(folder: string, processor: 'x64' | 'arm64'): void {
  const modules = join(projectFolder, 'node_modules');
  const wanted: readonly (readonly [name: string, parts: readonly string[]])[] = [
    ['onnxruntime-node', ['package.json', 'dist', `bin/napi-v6/linux/${processor}`]],
    ['onnxruntime-common', ['package.json', 'dist/cjs']],
  ];
  for (const [name, parts] of wanted) {
    for (const part of parts) {
      const to = join(folder, 'node_modules', name, part);
      cpSync(join(modules, name, part), to, { recursive: true, filter: isNeeded });
    }
  }
}

function isNeeded(file: string): boolean {
  return !/\.(map|d\.ts)$/.test(file);
}
