import type { Clock } from '#core/ports/clock.ts';
import type { PredictionLog } from '#core/ports/prediction-log.ts';
import type { PredictionLine } from '#core/predictions/prediction-line.ts';
import { type DayFilesOptions, openDayFiles } from './day-files.ts';

export interface FilePredictionLogOptions extends DayFilesOptions {
  readonly clock: Clock;
  /** How long texts are kept; older days are removed at the start and when a day begins. */
  readonly retentionMillis: number;
}

/** A prediction log in JSONL files, one a day. */
export async function openFilePredictionLog(
  options: FilePredictionLogOptions,
): Promise<PredictionLog> {
  const { clock, retentionMillis, onError = () => undefined } = options;
  const files = await openDayFiles<PredictionLine>(options);
  const expire = () => files.expire(clock.epochMillis() - retentionMillis);
  await expire();
  let day: string | undefined;
  return {
    append: (line) => {
      files.append(line);
      const lineDay = line.at.slice(0, 10);
      if (day !== undefined && day !== lineDay) expire().catch(onError);
      day = lineDay;
    },
    flush: () => files.flush(),
    close: () => files.close(),
  };
}
