import assert from 'node:assert/strict';
import test from 'node:test';
import { placementProblem, readPlacement } from '#core/gpu/node-placement.ts';

/** Events as ONNX Runtime's profile has them, so many of each. */
function profileOf(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).flatMap(([key, count]) => {
    const [provider, op_name] = key.split(' ');
    const run = { cat: 'Node', name: `/${op_name}_kernel_time`, args: { provider, op_name } };
    return Array.from({ length: count }, () => run);
  });
}

// Counted in profiles of onnxruntime-node 1.30.0 on WebGPU (SwiftShader).
const tinyText = {
  'CPUExecutionProvider Cast': 1,
  'WebGpuExecutionProvider MemcpyFromHost': 1,
  'WebGpuExecutionProvider Gather': 1,
  'WebGpuExecutionProvider Mul': 2,
  'WebGpuExecutionProvider ReduceSum': 1,
};
const int8 = {
  'WebGpuExecutionProvider DequantizeLinear': 60,
  'WebGpuExecutionProvider MatMul': 36,
  'WebGpuExecutionProvider Add': 37,
  'WebGpuExecutionProvider LayerNormalization': 13,
  'WebGpuExecutionProvider MemcpyToHost': 36,
  'CPUExecutionProvider QuantizeLinear': 36,
  'CPUExecutionProvider Shape': 1,
};

test('operators that compute shapes may run on the CPU; those that compute answers may not', () => {
  const good = readPlacement([{ cat: 'Session', name: 'model_run' }, ...profileOf(tinyText)]);
  assert.deepEqual(good, { gpuNodes: 4, cpuNodes: 0, cpuOperators: [] });
  assert.equal(placementProblem(good), undefined);

  const bad = readPlacement(profileOf(int8));
  assert.deepEqual(bad, { gpuNodes: 146, cpuNodes: 36, cpuOperators: ['QuantizeLinear'] });
  assert.match(placementProblem(bad) ?? '', /146 of 182 operators .* QuantizeLinear/);
});

test('a session that ran on the CPU alone, or of which nothing is known, is not on the GPU', () => {
  const cpu = readPlacement(profileOf({ 'CPUExecutionProvider MatMul': 36 }));
  assert.match(placementProblem(cpu) ?? '', /only 0 of 36 .* MatMul/);
  assert.match(placementProblem(readPlacement([])) ?? '', /only 0 of 0/);
  for (const other of [undefined, null, {}, 'text']) {
    assert.match(placementProblem(readPlacement(other)) ?? '', /did not say/);
  }
});
