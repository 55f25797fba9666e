/** A stretch of a text that is secret, with what kind it looks like. Offsets count UTF-16 units; `to` is the first that stays. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
  /** Quotes to be put around what stands in its place, where a bare value stood among quoted ones (a number in JSON). */
  readonly quote?: string | undefined;
}
