const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** Bytes as people read them: `256 MiB`, `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 100 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** A duration as people say it: `850 ms`, `12 s`, `27 min`, `2 h 51 min`, `3 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 1440)} d`;
}

/** The time of day of an ISO 8601 instant, in UTC: `02:19:45`. */
export function timeOfDay(instant: string): string {
  return instant.slice(11, 19);
}

/** An item id as people say it: `Deployment payment (shop)`, `group payments`. */
export function formatItem(id: string): string {
  const kubernetes = /^kubernetes:[^/]+\/([^/]+)\/([^/]+)\/(.+)$/.exec(id);
  if (kubernetes) return kubernetes[1] === '-' ? `${kubernetes[2]} ${kubernetes[3]}` : `${kubernetes[2]} ${kubernetes[1]}/${kubernetes[3]}`;
  const backstage = /^backstage:([^:]+):[^/]+\/(.+)$/.exec(id);
  return backstage ? `${backstage[1]} ${backstage[2]}` : id;
}
