import type { InputFile } from '#core/jobs/job-record.ts';
import type { FileGrid } from '#core/jobs/plan-builder.ts';

/** How a text file is cut: at any record, but for one worker alone where it is compressed. */
export function textGrid(
  file: InputFile,
  { cellBytes, shardBytes }: { readonly cellBytes: number; readonly shardBytes: number },
): FileGrid {
  const isSequential = file.compression !== 'none';
  return {
    cellPositions: cellBytes,
    shardPositions: isSequential ? Infinity : shardBytes,
    sharedPositions: shardBytes,
  };
}
