import { CelError, type CelMap, CelOpaque } from '../values/value.ts';
import { type Library, of, ofText } from './overload.ts';

/** A URL in the parts that Go's `net/url` finds in it. */
export class Url extends CelOpaque {
  readonly typeName = 'kubernetes.URL';
  readonly scheme: string;
  readonly host: string;
  /** As it is written, where that is a valid way to write it. */
  readonly path: string;
  readonly query: string;
  readonly text: string;
  constructor(parts: Pick<Url, 'scheme' | 'host' | 'path' | 'query' | 'text'>) {
    super();
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
    this.text = parts.text;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Url && other.text === this.text;
  }
}

/** The URL library. */
export const URLS: Library = {
  url: ofText((text) => {
    const url = parseUrl(text);
    if (!url) throw new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}`);
    return url;
  }),
  isURL: ofText((text) => parseUrl(text) !== undefined),
  '.getScheme': of(Url, ({ scheme }) => scheme),
  '.getHost': of(Url, ({ host }) => host),
  '.getHostname': of(Url, ({ host }) => hostnameOf(host)),
  '.getPort': of(Url, ({ host }) => /:(\d*)$/.exec(host)?.[1] ?? ''),
  '.getEscapedPath': of(Url, ({ path }) => path),
  '.getQuery': of(Url, ({ query }) => queryOf(query)),
};

const BAD_ESCAPE = /%(?![\da-fA-F]{2})/;

/** Go's `ParseRequestURI`: an absolute URI, or a path from the root. The fragment is taken off afterwards. */
export function parseUrl(text: string): Url | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text === '' || /[\u0000-\u001f\u007f]/.test(text)) return undefined;
  const [, scheme = '', rest = ''] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?(.*)$/s.exec(text) ?? [];
  if (!rest.startsWith('/')) return opaque(scheme, rest, text);
  const bare = rest.replace(/#.*$/s, '');
  const [, before = '', query = ''] = /^([^?]*)\??(.*)$/s.exec(bare) ?? [];
  const authority = /^\/\/([^/]*)(.*)$/s.exec(before);
  const hasAuthority = authority !== null && (scheme !== '' || !before.startsWith('///'));
  const host = hasAuthority ? hostOf(authority[1] ?? '') : '';
  const path = hasAuthority ? (authority[2] ?? '') : before;
  if (host === undefined || BAD_ESCAPE.test(path) || BAD_ESCAPE.test(rest.slice(bare.length))) return undefined;
  return new Url({ scheme: scheme.toLowerCase(), host, path: escapedPath(path), query, text });
}

/** `mailto:a@b`: what stands behind the scheme is not taken apart. */
function opaque(scheme: string, rest: string, text: string): Url | undefined {
  if (text === '*') return new Url({ scheme: '', host: '', path: '*', query: '', text });
  const query = /^[^?#]*\?([^#]*)/s.exec(rest)?.[1] ?? '';
  return scheme === '' ? undefined : new Url({ scheme: scheme.toLowerCase(), host: '', path: '', query, text });
}

function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  if (at >= 0 && !/^[\w\-.:~!$&'()*+,;=%@]*$/.test(authority.slice(0, at))) return undefined;
  const host = authority.slice(at + 1);
  if (host.startsWith('[')) return /^\[[^\]]*\](?::\d*)?$/.test(host) && !BAD_ESCAPE.test(host) ? host : undefined;
  if (/:/.test(host) && !/^[^:]*(?::\d*)$/.test(host) && !/^.*:\d*$/.test(host)) return undefined;
  if (/[\s^`{}|\\#?]/.test(host) || /%(?![\da-fA-F]{2})/.test(host) || /%[0-7]/.test(host)) return undefined;
  return decode(host, false);
}

function hostnameOf(host: string): string {
  const bracketed = /^\[(.*)\](?::\d*)?$/.exec(host)?.[1];
  return bracketed ?? host.replace(/:\d*$/, '');
}

/** Characters that stand for themselves in a path. */
function escapedPath(path: string): string {
  if (/^(?:[\w\-.~$&+,/:;=@!'()*[\]]|%[\da-fA-F]{2})*$/.test(path)) return path;
  return [...Buffer.from(decodeBytes(path))]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return byte < 128 && /[\w\-.~$&+,/:;=@]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function decodeBytes(text: string): Buffer {
  const parts = text.split(/(%[\da-fA-F]{2})/);
  return Buffer.concat(parts.map((part) => (/^%[\da-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part))));
}

function decode(text: string, plus: boolean): string {
  return decodeBytes(plus ? text.replaceAll('+', ' ') : text).toString('utf8');
}

/** What does not parse is left out, as Go leaves it out. */
function queryOf(query: string): CelMap {
  const found = new Map<string, string[]>();
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';')) continue;
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(part) ?? [];
    if (BAD_ESCAPE.test(key) || BAD_ESCAPE.test(value)) continue;
    const name = decode(key, true);
    found.set(name, [...(found.get(name) ?? []), decode(value, true)]);
  }
  return found;
}
