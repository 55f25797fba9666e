/** A duration as people say it: `850 ms`, `12 s`, `27 min`, `3 h 12 min`, `2.1 d`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  const minutes = Math.round(milliseconds / 60_000);
  if (milliseconds < 60_000) return `${Number((milliseconds / 1000).toPrecision(2))} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Number((minutes / 1440).toFixed(1))} d`;
}
