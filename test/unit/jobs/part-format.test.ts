import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodePartFooter,
  encodePart,
  FOOTER_READ_BYTES,
  type PartFooter,
} from '#core/jobs/part-format.ts';
import { SwitchyardError } from '#core/switchyard-error.ts';

function footerFor(results: Uint8Array, errors: Uint8Array): PartFooter {
  const section = (bytes: Uint8Array) => ({
    sizeBytes: bytes.length,
    rows: 1,
    sha256: 'f'.repeat(64),
  });
  return {
    schema: 1,
    file: 0,
    startPosition: 10,
    endPosition: 20,
    firstIndex: 3,
    results: section(results),
    errors: section(errors),
    attemptId: 'job_x-1/0/1',
    model: 'tiny-text',
    modelVersion: '1',
    modelSha256: '0'.repeat(64),
    variant: 'cpu-fp32',
    provider: 'cpu',
    device: 'cpu',
    runtime: 'onnxruntime-node 1.30.0',
    tokens: 5,
    inferenceMillis: 1.5,
  };
}

function decode(part: Uint8Array): PartFooter {
  return decodePartFooter({
    tail: part.subarray(Math.max(0, part.length - FOOTER_READ_BYTES)),
    sizeBytes: part.length,
    key: 'work/jobs/x/parts/00000/0000000000000010',
  });
}

test('a part gives back its sections and footer', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 9_000 }),
      fc.uint8Array({ maxLength: 300 }),
      (results, errors) => {
        const footer = footerFor(results, errors);
        const part = encodePart({ results, errors, footer });
        assert.deepEqual(decode(part), footer);
        assert.deepEqual(part.subarray(0, results.length), results);
        assert.deepEqual(part.subarray(results.length, results.length + errors.length), errors);
      },
    ),
  );
});

test('a part that lost bytes anywhere is refused as corrupt', () => {
  const results = new TextEncoder().encode('{"index":0}\n'.repeat(40));
  const whole = encodePart({
    results,
    errors: new Uint8Array(3),
    footer: footerFor(results, new Uint8Array(3)),
  });
  for (let kept = 0; kept < whole.length; kept += 1) {
    assert.throws(
      () => decode(whole.subarray(0, kept)),
      (error) => error instanceof SwitchyardError && error.code === 'corrupt_object',
      `cut at ${kept}`,
    );
    assert.throws(
      () => decode(whole.subarray(whole.length - kept, whole.length)),
      `tail of ${kept}`,
    );
  }
});
