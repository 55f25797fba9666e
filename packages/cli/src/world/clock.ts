/** A clock that starts at a given moment and may run faster than real time. */
export interface Clock {
  /** Milliseconds since the epoch, on this clock. */
  readonly now: () => number;
  /** Seconds of this clock in one real second. 1 = real time. */
  readonly speed: number;
}

/** The real clock. */
export function realClock(): Clock {
  return { now: () => Date.now(), speed: 1 };
}

/** A clock that stands at `startsAt` (ISO 8601) now and runs `speed` times as fast as time does. */
export function createFastClock(startsAt: string, speed: number): Clock {
  const start = Date.parse(startsAt);
  const real = performance.now();
  return { now: () => start + Math.round((performance.now() - real) * speed), speed };
}
