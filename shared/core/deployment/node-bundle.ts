/** How every program of the project is bundled by esbuild: as ES modules for its own Node. */
export const nodeBundle = {
  bundle: true,
  // Chunks lie beside the entries: what they start is found from import.meta.url.
  splitting: true,
  outExtension: { '.js': '.mjs' },
  format: 'esm' as const,
  platform: 'node' as const,
  target: 'node24',
  logLevel: 'warning' as const,
};

/** One that is started where no packages are installed but ONNX Runtime. */
export const selfContainedBundle = {
  ...nodeBundle,
  // ESM sources where a package has both: they can be shaken, and middy has nothing else.
  mainFields: ['module', 'main'],
  conditions: ['module', 'import', 'node'],
  keepNames: true,
  external: ['onnxruntime-node'],
  // Some dependencies are CommonJS and ask for Node's own modules by require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
};
