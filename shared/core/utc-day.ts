export const DAY_MILLIS = 86_400_000;

/** The day of UTC that a moment is in, `2026-11-24`. */
export function utcDay(epochMillis: number): string {
  return new Date(epochMillis).toISOString().slice(0, 10);
}
