const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
/** A host name begins a text or follows a scheme, credentials or a separator, and ends at a dot, a port, a path or the end. */
const hostPattern = (name: string) => new RegExp(`(^|://|@|[\\s,=;])${escaped(name)}(?=$|[.:/\\s,;])`, 'g');

/** Whether a text names a host, alone or as the first part of a longer name. */
export function mentionsHost(value: string, name: string): boolean {
  return hostPattern(name).test(value);
}

export function replaceHost(value: string, name: string, other: string): string {
  return value.replace(hostPattern(name), `$1${other}`);
}
