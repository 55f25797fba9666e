import { BlockList, isIP } from 'node:net';
import type { Environment } from '@marcbachmann/cel-js';
import { parseQuantity } from '@tier0/core';
import semver, { SemVer } from 'semver';

/*
 * The functions that Kubernetes adds to CEL: quantity, IP, CIDR, URL, semver, regex, list and set libraries.
 * Source: https://kubernetes.io/docs/reference/using-api/cel/ . The authorizer is left out: it asks a live API server.
 */

class Quantity {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}
class Ip {
  readonly text: string;
  readonly family: 4 | 6;
  constructor(text: string, family: 4 | 6) {
    this.text = text;
    this.family = family;
  }
}
class Cidr {
  readonly text: string;
  readonly ip: Ip;
  readonly prefix: number;
  constructor(text: string, ip: Ip, prefix: number) {
    this.text = text;
    this.ip = ip;
    this.prefix = prefix;
  }
}
class Url {
  readonly url: URL;
  constructor(url: URL) {
    this.url = url;
  }
}
class SetLibrary {}

/** Adds the Kubernetes libraries to an environment. */
export function registerKubernetesLibrary(environment: Environment): Environment {
  registerQuantity(environment);
  registerNetwork(environment);
  registerText(environment);
  registerLists(environment);
  registerSemver(environment);
  return environment;
}

function registerQuantity(environment: Environment): void {
  const read = (text: string) => {
    const value = parseQuantity(text);
    if (value === undefined) throw new Error(`${JSON.stringify(text)} is not a quantity`);
    return new Quantity(value);
  };
  environment
    .registerType('Quantity', Quantity)
    .registerFunction('quantity(string): Quantity', read)
    .registerFunction('isQuantity(string): bool', (text: string) => parseQuantity(text) !== undefined)
    .registerFunction('Quantity.isLessThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value < b.value)
    .registerFunction('Quantity.isGreaterThan(Quantity): bool', (a: Quantity, b: Quantity) => a.value > b.value)
    .registerFunction('Quantity.compareTo(Quantity): int', (a: Quantity, b: Quantity) => BigInt(Math.sign(a.value - b.value)))
    .registerFunction('Quantity.sign(): int', (a: Quantity) => BigInt(Math.sign(a.value)))
    .registerFunction('Quantity.isInteger(): bool', (a: Quantity) => Number.isSafeInteger(a.value))
    .registerFunction('Quantity.asInteger(): int', (a: Quantity) => BigInt(a.value))
    .registerFunction('Quantity.asApproximateFloat(): double', (a: Quantity) => a.value)
    .registerFunction('Quantity.add(Quantity): Quantity', (a: Quantity, b: Quantity) => new Quantity(a.value + b.value))
    .registerFunction('Quantity.add(int): Quantity', (a: Quantity, b: bigint) => new Quantity(a.value + Number(b)))
    .registerFunction('Quantity.sub(Quantity): Quantity', (a: Quantity, b: Quantity) => new Quantity(a.value - b.value))
    .registerFunction('Quantity.sub(int): Quantity', (a: Quantity, b: bigint) => new Quantity(a.value - Number(b)))
    .registerOperator('Quantity == Quantity', (a: Quantity, b: Quantity) => a.value === b.value);
}

function registerNetwork(environment: Environment): void {
  environment
    .registerType('IP', Ip)
    .registerType('CIDR', Cidr)
    .registerType('URL', Url)
    .registerFunction('ip(string): IP', (text: string) => required(readIp(text), text, 'an IP address'))
    .registerFunction('isIP(string): bool', (text: string) => readIp(text) !== undefined)
    .registerFunction('IP.family(): int', (ip: Ip) => BigInt(ip.family))
    .registerFunction('IP.isLoopback(): bool', (ip: Ip) => inRange(ip, ['127.0.0.0/8', '::1/128']))
    .registerFunction('IP.isUnspecified(): bool', (ip: Ip) => inRange(ip, ['0.0.0.0/32', '::/128']))
    .registerFunction('IP.isLinkLocalMulticast(): bool', (ip: Ip) => inRange(ip, ['224.0.0.0/24', 'ff02::/16']))
    .registerFunction('IP.isLinkLocalUnicast(): bool', (ip: Ip) => inRange(ip, ['169.254.0.0/16', 'fe80::/10']))
    .registerFunction('IP.isGlobalUnicast(): bool', (ip: Ip) => !inRange(ip, NOT_GLOBAL))
    .registerFunction('string(IP): string', (ip: Ip) => ip.text)
    .registerFunction('cidr(string): CIDR', (text: string) => required(readCidr(text), text, 'a CIDR'))
    .registerFunction('isCIDR(string): bool', (text: string) => readCidr(text) !== undefined)
    .registerFunction('CIDR.containsIP(string): bool', (cidr: Cidr, text: string) =>
      inRange(required(readIp(text), text, 'an IP address'), [cidr.text]),
    )
    .registerFunction('CIDR.containsIP(IP): bool', (cidr: Cidr, ip: Ip) => inRange(ip, [cidr.text]))
    .registerFunction('CIDR.containsCIDR(string): bool', (cidr: Cidr, text: string) =>
      containsCidr(cidr, required(readCidr(text), text, 'a CIDR')),
    )
    .registerFunction('CIDR.containsCIDR(CIDR): bool', containsCidr)
    .registerFunction('CIDR.ip(): IP', (cidr: Cidr) => cidr.ip)
    .registerFunction('CIDR.prefixLength(): int', (cidr: Cidr) => BigInt(cidr.prefix))
    .registerFunction('url(string): URL', (text: string) => required(readUrl(text), text, 'a URL'))
    .registerFunction('isURL(string): bool', (text: string) => readUrl(text) !== undefined)
    .registerFunction('URL.getScheme(): string', (url: Url) => url.url.protocol.slice(0, -1))
    .registerFunction('URL.getHost(): string', (url: Url) => url.url.host)
    .registerFunction('URL.getHostname(): string', (url: Url) => url.url.hostname.replace(/^\[|\]$/g, ''))
    .registerFunction('URL.getPort(): string', (url: Url) => url.url.port)
    .registerFunction('URL.getEscapedPath(): string', (url: Url) => url.url.pathname)
    .registerFunction('URL.getQuery(): map', (url: Url) => {
      const query: Record<string, string[]> = {};
      for (const key of new Set(url.url.searchParams.keys())) query[key] = url.url.searchParams.getAll(key);
      return query;
    });
}

const NOT_GLOBAL = [
  '127.0.0.0/8',
  '::1/128',
  '0.0.0.0/32',
  '::/128',
  '224.0.0.0/4',
  'ff00::/8',
  '169.254.0.0/16',
  'fe80::/10',
  '255.255.255.255/32',
];

/** As in Kubernetes: no zones, no IPv4 inside IPv6, no leading zeros. */
function readIp(text: string): Ip | undefined {
  const family = isIP(text);
  return family === 0 || text.includes('%') || /^::ffff:.*\./i.test(text) ? undefined : new Ip(text, family as 4 | 6);
}

function readCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const ip = readIp(address);
  const prefix = Number(length);
  return ip && prefix <= (ip.family === 4 ? 32 : 128) ? new Cidr(text, ip, prefix) : undefined;
}

function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return outer.ip.family === inner.ip.family && inner.prefix >= outer.prefix && inRange(inner.ip, [outer.text]);
}

function inRange(ip: Ip, ranges: readonly string[]): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const cidr = readCidr(range);
    if (cidr) list.addSubnet(cidr.ip.text, cidr.prefix, cidr.ip.family === 4 ? 'ipv4' : 'ipv6');
  }
  return list.check(ip.text, ip.family === 4 ? 'ipv4' : 'ipv6');
}

function readUrl(text: string): Url | undefined {
  return URL.canParse(text) ? new Url(new URL(text)) : undefined;
}

function registerText(environment: Environment): void {
  environment
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) => text.charAt(Number(index)))
    .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) => text.replaceAll(from, () => to))
    .registerFunction('string.replace(string, string, int): string', (text: string, from: string, to: string, count: bigint) => {
      let replaced = 0;
      return text.replaceAll(from, (match) => (count >= 0n && replaced++ >= Number(count) ? match : to));
    })
    .registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''))
    .registerFunction('string.find(string): string', (text: string, pattern: string) => new RegExp(pattern, 'u').exec(text)?.[0] ?? '')
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) => [
      ...(text.match(new RegExp(pattern, 'gu')) ?? []),
    ])
    .registerFunction('string.findAll(string, int): list<string>', (text: string, pattern: string, limit: bigint) =>
      [...(text.match(new RegExp(pattern, 'gu')) ?? [])].slice(0, limit < 0n ? undefined : Number(limit)),
    )
    .registerFunction('string.format(list): string', formatText);
}

/** `%s`, `%d`, `%f`, `%x` and `%%`; others are an error, as in CEL. */
function formatText(template: string, values: readonly unknown[]): string {
  let next = 0;
  return template.replace(/%(?:%|(?:\.(\d+))?([a-zA-Z]))/g, (match, precision: string | undefined, verb: string | undefined) => {
    if (match === '%%') return '%';
    if (next >= values.length) throw new Error(`format: no value for ${match}`);
    const value = values[next++];
    if (verb === 'd' || verb === 's') return showValue(value);
    if (verb === 'f') return Number(value).toFixed(precision === undefined ? 6 : Number(precision));
    if (verb === 'x') return typeof value === 'bigint' ? value.toString(16) : Buffer.from(String(value)).toString('hex');
    throw new Error(`format: ${match} is not supported`);
  });
}

function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(', ')}]`;
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return `{${Object.entries(value)
      .map(([key, entry]) => `${key}: ${showValue(entry)}`)
      .join(', ')}}`;
  }
  return String(value);
}

function registerLists(environment: Environment): void {
  environment
    .registerType('Sets', SetLibrary)
    .registerConstant('sets', 'Sets', new SetLibrary())
    .registerFunction('Sets.contains(list, list): bool', (_: SetLibrary, a: unknown[], b: unknown[]) => b.every((entry) => holds(a, entry)))
    .registerFunction('Sets.intersects(list, list): bool', (_: SetLibrary, a: unknown[], b: unknown[]) =>
      b.some((entry) => holds(a, entry)),
    )
    .registerFunction(
      'Sets.equivalent(list, list): bool',
      (_: SetLibrary, a: unknown[], b: unknown[]) => a.every((entry) => holds(b, entry)) && b.every((entry) => holds(a, entry)),
    )
    .registerFunction('list.isSorted(): bool', (list: unknown[]) =>
      list.every((entry, index) => index === 0 || order(list[index - 1], entry) <= 0),
    )
    .registerFunction('list.sum(): dyn', (list: unknown[]) => list.reduce((sum, entry) => add(sum, entry), 0n))
    .registerFunction('list.min(): dyn', (list: unknown[]) => extreme(list, -1))
    .registerFunction('list.max(): dyn', (list: unknown[]) => extreme(list, 1))
    .registerFunction('list.indexOf(dyn): int', (list: unknown[], value: unknown) => BigInt(list.findIndex((entry) => equal(entry, value))))
    .registerFunction('list.lastIndexOf(dyn): int', (list: unknown[], value: unknown) =>
      BigInt(list.findLastIndex((entry) => equal(entry, value))),
    )
    .registerFunction('list.distinct(): list', (list: unknown[]) =>
      list.filter((entry, index) => list.findIndex((other) => equal(other, entry)) === index),
    )
    .registerFunction('list.flatten(): list', (list: unknown[]) => list.flat(1))
    .registerFunction('list.reverse(): list', (list: unknown[]) => [...list].reverse())
    .registerFunction('list.sort(): list', (list: unknown[]) => [...list].sort(order));
}

function holds(list: readonly unknown[], value: unknown): boolean {
  return list.some((entry) => equal(entry, value));
}

/** Values come from JSON, so comparing their JSON compares them; whole numbers are bigints here. */
function equal(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b || (isNumeric(a) && isNumeric(b) && Number(a) === Number(b));
  return stable(a) === stable(b);
}

function stable(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) => {
    if (typeof entry === 'bigint') return Number(entry);
    if (entry === null || typeof entry !== 'object' || Array.isArray(entry)) return entry;
    return Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function isNumeric(value: unknown): boolean {
  return typeof value === 'bigint' || typeof value === 'number';
}

function order(a: unknown, b: unknown): number {
  if (!((isNumeric(a) && isNumeric(b)) || typeof a === typeof b)) throw new Error('values of different types have no order');
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

function add(a: unknown, b: unknown): unknown {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a + b;
  if (isNumeric(a) && isNumeric(b)) return Number(a) + Number(b);
  throw new Error('sum of something that is no number');
}

function extreme(list: readonly unknown[], sign: 1 | -1): unknown {
  if (list.length === 0) throw new Error('an empty list has neither min nor max');
  return list.reduce((best, entry) => (order(entry, best) * sign > 0 ? entry : best));
}

/** Strict versions, as https://semver.org defines them: no leading `v`, no spaces, all three numbers. */
function registerSemver(environment: Environment): void {
  environment
    .registerType('Semver', SemVer)
    .registerFunction('semver(string): Semver', (text: string) => required(readSemver(text), text, 'a semantic version'))
    .registerFunction('isSemver(string): bool', (text: string) => readSemver(text) !== undefined)
    .registerFunction('Semver.major(): int', (version: SemVer) => BigInt(version.major))
    .registerFunction('Semver.minor(): int', (version: SemVer) => BigInt(version.minor))
    .registerFunction('Semver.patch(): int', (version: SemVer) => BigInt(version.patch))
    .registerFunction('Semver.compareTo(Semver): int', (a: SemVer, b: SemVer) => BigInt(a.compare(b)))
    .registerFunction('Semver.isLessThan(Semver): bool', (a: SemVer, b: SemVer) => a.compare(b) < 0)
    .registerFunction('Semver.isGreaterThan(Semver): bool', (a: SemVer, b: SemVer) => a.compare(b) > 0);
}

/** The package takes a `v` and spaces around for granted; Kubernetes does not. */
function readSemver(text: string): SemVer | undefined {
  return /^\d/.test(text) && text === text.trim() ? (semver.parse(text) ?? undefined) : undefined;
}

function required<T>(value: T | undefined, text: string, what: string): T {
  if (value === undefined) throw new Error(`${JSON.stringify(text)} is not ${what}`);
  return value;
}
