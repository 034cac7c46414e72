export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * The straight line whose errors are smallest as shares of the measured value, so that short calls
 * count as much as long ones. Neither part is below 0: no call takes less than nothing.
 */
export function fitLine(points: readonly Point[]): Line {
  const weighted = points.map(({ x, y }) => ({ x, y, weight: 1 / (y * y) }));
  const sum = (value: (point: (typeof weighted)[number]) => number) =>
    weighted.reduce((total, point) => total + point.weight * value(point), 0);
  const [n, x, y] = [sum(() => 1), sum((point) => point.x), sum((point) => point.y)];
  const [xx, xy] = [sum((point) => point.x * point.x), sum((point) => point.x * point.y)];
  const slope = (n * xy - x * y) / (n * xx - x * x);
  const intercept = (y - slope * x) / n;
  if (intercept >= 0 && slope >= 0) return { intercept, slope };
  return slope < 0 ? { intercept: y / n, slope: 0 } : { intercept: 0, slope: xy / xx };
}

/** Largest error as a share of the measured value. */
export function worstErrorOf({ intercept, slope }: Line, points: readonly Point[]): number {
  return Math.max(...points.map(({ x, y }) => Math.abs(intercept + slope * x - y) / y));
}
