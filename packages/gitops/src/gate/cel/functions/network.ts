import { CelError, CelOpaque } from '../values/value.ts';
import { type Library, type Overload, of, ofText } from './overload.ts';

/** An IP address as a number of 32 or 128 bits. */
export class Ip extends CelOpaque {
  readonly typeName = 'net.IP';
  readonly family: 4 | 6;
  readonly bits: bigint;
  constructor(family: 4 | 6, bits: bigint) {
    super();
    this.family = family;
    this.bits = bits;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Ip && other.family === this.family && other.bits === this.bits;
  }

  /** The one way to write it: RFC 5952. */
  override toString(): string {
    return this.family === 4 ? textOf4(this.bits) : textOf6(this.bits);
  }
}

/** A range of addresses. Bits below the prefix are kept, as Go keeps them. */
export class Cidr extends CelOpaque {
  readonly typeName = 'net.CIDR';
  readonly ip: Ip;
  readonly prefix: number;
  constructor(ip: Ip, prefix: number) {
    super();
    this.ip = ip;
    this.prefix = prefix;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Cidr && other.ip.equals(this.ip) && other.prefix === this.prefix;
  }

  contains(ip: Ip): boolean {
    if (ip.family !== this.ip.family) return false;
    const rest = BigInt(widthOf(ip.family) - this.prefix);
    return ip.bits >> rest === this.ip.bits >> rest;
  }

  override toString(): string {
    return `${this.ip}/${this.prefix}`;
  }
}

/** The address and network libraries. */
export const NETWORK: Library = {
  ip: ofText(ipOf),
  isIP: ofText((text) => parseIp(text) !== undefined),
  'ip.isCanonical': ofText((text) => ipOf(text).toString() === text),
  '.family': of(Ip, ({ family }) => BigInt(family)),
  '.isUnspecified': of(Ip, ({ bits }) => bits === 0n),
  '.isLoopback': of(Ip, (ip) => within(ip, '127.0.0.0/8', '::1/128')),
  '.isLinkLocalMulticast': of(Ip, (ip) => within(ip, '224.0.0.0/24', 'ff02::/16') || isLinkLocalMulticast6(ip)),
  '.isLinkLocalUnicast': of(Ip, (ip) => within(ip, '169.254.0.0/16', 'fe80::/10')),
  '.isGlobalUnicast': of(Ip, isGlobalUnicast),
  cidr: ofText(cidrOf),
  isCIDR: ofText((text) => parseCidr(text) !== undefined),
  '.containsIP': onCidr((cidr, ip) => cidr.contains(ip), Ip, ipOf),
  '.containsCIDR': onCidr((outer, inner) => outer.prefix <= inner.prefix && outer.contains(inner.ip), Cidr, cidrOf),
  '.ip': of(Cidr, ({ ip }) => ip),
  '.prefixLength': of(Cidr, ({ prefix }) => BigInt(prefix)),
  '.masked': of(Cidr, ({ ip, prefix }) => {
    const rest = BigInt(widthOf(ip.family) - prefix);
    return new Cidr(new Ip(ip.family, (ip.bits >> rest) << rest), prefix);
  }),
};

function onCidr<T extends Ip | Cidr>(
  apply: (cidr: Cidr, other: T) => boolean,
  type: new (...args: never[]) => T,
  read: (text: string) => T,
): Overload {
  return (cidr, other) => {
    if (!(cidr instanceof Cidr)) return undefined;
    if (typeof other === 'string') return apply(cidr, read(other));
    return other instanceof type ? apply(cidr, other) : undefined;
  };
}

function isGlobalUnicast(ip: Ip): boolean {
  const isOther =
    ip.bits === 0n ||
    (ip.family === 4 && ip.bits === 0xffffffffn) ||
    within(ip, '127.0.0.0/8', '::1/128') ||
    within(ip, '224.0.0.0/4', 'ff00::/8') ||
    within(ip, '169.254.0.0/16', 'fe80::/10');
  return !isOther;
}

/** Go looks at the scope alone: the flags before it may be any. */
function isLinkLocalMulticast6({ family, bits }: Ip): boolean {
  return family === 6 && bits >> 120n === 0xffn && ((bits >> 112n) & 0xfn) === 2n;
}

function within(ip: Ip, four: string, six: string): boolean {
  return cidrOf(ip.family === 4 ? four : six).contains(ip);
}

function widthOf(family: 4 | 6): number {
  return family === 4 ? 32 : 128;
}

function ipOf(text: string): Ip {
  const ip = parseIp(text);
  if (!ip) throw new CelError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return ip;
}

function cidrOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (!cidr) throw new CelError(`network address parse error during conversion from string: ${JSON.stringify(text)}`);
  return cidr;
}

/** As Kubernetes reads addresses: no zones, no IPv4 inside IPv6, no leading zeros. */
export function parseIp(text: string): Ip | undefined {
  return text.includes(':') ? parse6(text) : parse4(text);
}

function parse4(text: string): Ip | undefined {
  const bits = bits4(text);
  return bits === undefined ? undefined : new Ip(4, bits);
}

function bits4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parse6(text: string): Ip | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0 || text.includes(':::')) return undefined;
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<bigint>(tail === undefined ? 0 : missing).fill(0n), ...after];
  const bits = groups.reduce((sum, group) => (sum << 16n) | group, 0n);
  // ::ffff:0:0/96 is an IPv4 address in disguise.
  return bits >> 32n === 0xffffn ? undefined : new Ip(6, bits);
}

function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const four = parts.at(-1)?.includes('.') ? bits4(parts.pop() ?? '') : undefined;
  if (/\./.test(text) && four === undefined) return undefined;
  if (!parts.every((part) => /^[\da-fA-F]{1,4}$/.test(part))) return undefined;
  const groups = parts.map((part) => BigInt(`0x${part}`));
  return four === undefined ? groups : [...groups, four >> 16n, four & 0xffffn];
}

function parseCidr(text: string): Cidr | undefined {
  const [, address = '', length = ''] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const ip = parseIp(address);
  return ip && Number(length) <= widthOf(ip.family) ? new Cidr(ip, Number(length)) : undefined;
}

function textOf4(bits: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
}

function textOf6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bits >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const run = longestRun(groups);
  if (!run) return groups.join(':');
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`;
}

function longestRun(groups: readonly string[]): { readonly start: number; readonly length: number } | undefined {
  let best: { start: number; length: number } | undefined;
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === '0') length++;
    if (length > 1 && length > (best?.length ?? 1)) best = { start, length };
  }
  return best;
}
