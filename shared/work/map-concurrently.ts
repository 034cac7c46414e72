/** Maps in order with at most `inFlight` calls at a time. The first failure stops further calls. */
export async function mapConcurrently<Input, Output>(
  inputs: readonly Input[],
  inFlight: number,
  map: (input: Input, index: number) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  const pending = inputs.entries();
  let failed = false;
  async function takeNext(): Promise<void> {
    for (const [index, input] of pending) {
      if (failed) return;
      outputs[index] = await map(input, index);
    }
  }
  const lanes = Array.from({ length: Math.min(inFlight, inputs.length) }, () =>
    takeNext().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  await Promise.all(lanes);
  return outputs;
}
