/** How a value is brought into the form in which two sources may write it alike. */
export type Normaliser = 'text' | 'serial' | 'mac' | 'hostName' | 'ip' | 'gitUrl' | 'plain';

/** What firmware, hypervisors and forms write where nobody wrote anything (dmidecode output of many vendors). */
const PLACEHOLDERS =
  /^(to ?be ?filled( ?by ?o\.?e\.?m\.?)?|default ?string|system ?(serial ?number|product ?name)|chassis ?serial ?number|not ?(specified|applicable|available|set|present)|serial ?number|o\.?e\.?m\.?|none|null|nil|undefined|unknown|empty|invalid|n\/?a|na|tbd|test|xxx+|-+|\.+|0+|1234567(89?0?)?|0123456789)$/i;

const IPV4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** All values in a text, in comparable form. Empty where the text says nothing that could name a thing. */
export function normalise(text: string, as: Normaliser): readonly string[] {
  const trimmed = text.trim();
  if (trimmed === '' || PLACEHOLDERS.test(trimmed)) return [];
  return [...new Set(NORMALISERS[as](trimmed))];
}

const NORMALISERS: Readonly<Record<Normaliser, (text: string) => readonly string[]>> = {
  text: (text) => [text.toLowerCase()],
  serial: (text) => {
    const bare = text.toLowerCase().replace(/[^a-z0-9]/g, '');
    // One character over and over is a placeholder that no list knows; three characters name nothing.
    return bare.length < 4 || /^(.)\1*$/.test(bare) || NORMALISERS.ip(text).length > 0 ? [] : [bare];
  },
  mac: (text) =>
    lists(text)
      .map((part) => part.toLowerCase().replace(/[^0-9a-f]/g, ''))
      .filter((mac) => mac.length === 12 && !/^(0{12}|f{12})$/.test(mac)),
  hostName: (text) => {
    const name = text.toLowerCase().replace(/\.+$/, '');
    const isName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/.test(name);
    const says = isName && !IPV4.test(name) && !/^localhost(\.|$)/.test(name) && !/^[0-9a-f]{2}([-_.][0-9a-f]{2}){5}$/.test(name);
    return says ? [name] : [];
  },
  ip: (text) =>
    lists(text.toLowerCase())
      .map((part) => part.replace(/\/\d+$/, ''))
      .filter((ip) => isAddress(ip)),
  plain: (text) => (IPV4.test(text) ? [] : [bareText(text)]),
  gitUrl: (text) => {
    const scp = /^[\w.-]+@([^:/]+):(.+)$/.exec(text);
    const url = scp ? `${scp[1]}/${scp[2]}` : text.replace(/^[a-z][a-z0-9+.-]*:\/\/([^@/]*@)?/i, '');
    return [
      url
        .toLowerCase()
        .replace(/:\d+\//, '/')
        .replace(/\/+$/, '')
        .replace(/\.git$/, ''),
    ];
  },
};

/** Letters and digits only, without a domain: the form in which a value is known again in a field where it does not belong. */
function bareText(text: string): string {
  return (text.split('.', 1)[0] as string).toLowerCase().replace(/[^a-z0-9]/g, '');
}

function lists(text: string): readonly string[] {
  return text.split(/[,;\s]+/).filter(Boolean);
}

/** An address that belongs to one machine: not loopback, link-local or unspecified. */
function isAddress(ip: string): boolean {
  const bytes = IPV4.exec(ip)?.slice(1).map(Number);
  if (bytes) return bytes.every((byte) => byte < 256) && bytes[0] !== 0 && bytes[0] !== 127 && !(bytes[0] === 169 && bytes[1] === 254);
  return (
    /^[0-9a-f:]*:[0-9a-f:]*$/.test(ip) && ip !== '::' && ip !== '::1' && !ip.startsWith('fe80') && ip.split(':').length > 2 && !isMac(ip)
  );
}

function isMac(text: string): boolean {
  return /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text);
}

/** Under which key values that may be the same are looked up: a short host name may be the beginning of a long one. */
export function lookupKey(value: string, as: Normaliser): string {
  return as === 'hostName' ? (value.split('.', 1)[0] as string) : value;
}

/** Whether two normalised values name the same: equal, or a host name with and without its domain. */
export function isSameValue(a: string, b: string, as: Normaliser): boolean {
  return a === b || (as === 'hostName' && (a.startsWith(`${b}.`) || b.startsWith(`${a}.`)));
}
