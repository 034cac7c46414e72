/**
 * The chance that a chi-square variable of so many degrees of freedom is at least this large: the upper
 * regularized incomplete gamma function Q(degrees / 2, value / 2), by its series below the mean and by
 * Lentz's continued fraction above it (Press et al., Numerical Recipes, 3rd ed. 2007, section 6.2).
 */
export function chiSquareTail(value: number, degrees: number): number {
  if (value <= 0) return 1;
  const [a, x] = [degrees / 2, value / 2];
  const factor = Math.exp(-x + a * Math.log(x) - logGamma(a));
  const tail = x < a + 1 ? 1 - factor * lowerSeries(a, x) : factor * upperFraction(a, x);
  return Math.min(1, Math.max(0, tail));
}

const MOST_TERMS = 10_000;
const PRECISION = 1e-14;
/** Lentz's method divides by no number smaller than this. */
const TINY = 1e-300;

function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let at = 1; at < MOST_TERMS && term > sum * PRECISION; at++) {
    term *= x / (a + at);
    sum += term;
  }
  return sum;
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let fraction = d;
  for (let at = 1; at < MOST_TERMS; at++) {
    const numerator = -at * (at - a);
    b += 2;
    d = 1 / notZero(numerator * d + b);
    c = notZero(b + numerator / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return fraction;
}

function notZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Lanczos' approximation with g = 7 and nine terms (Godfrey 2001); exact to about 1e-15. */
const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
] as const;

function logGamma(value: number): number {
  const x = value - 1;
  const t = x + 7.5;
  const sum = lanczos.reduce((total, term, at) => total + term / (x + at + 1), 0.9999999999998099);
  return Math.log(2 * Math.PI) / 2 + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
