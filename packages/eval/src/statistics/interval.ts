/** An estimate with its 95 % interval. */
export interface Interval {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}
