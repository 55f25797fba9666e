import { CelOpaque, CelOptional, NONE } from '../values/value.ts';
import type { Library } from './overload.ts';
import { parseUrl } from './url.ts';

/** A named format of Kubernetes. */
export class Format extends CelOpaque {
  readonly typeName = 'kubernetes.NamedFormat';
  readonly format: string;
  constructor(format: string) {
    super();
    this.format = format;
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Format && other.format === this.format;
  }
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const NAME_PART = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** What a text must look like, by the name of the format. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  dns1123Label: (text) => text.length <= 63 && LABEL.test(text),
  dns1123Subdomain: (text) => text.length <= 253 && SUBDOMAIN.test(text),
  dns1035Label: (text) => text.length <= 63 && LABEL_1035.test(text),
  dns1123LabelPrefix: (text) => text.length <= 63 && LABEL.test(maskDash(text)),
  dns1123SubdomainPrefix: (text) => text.length <= 253 && SUBDOMAIN.test(maskDash(text)),
  dns1035LabelPrefix: (text) => text.length <= 63 && LABEL_1035.test(maskDash(text)),
  qualifiedName: isQualifiedName,
  labelValue: (text) => text === '' || (text.length <= 63 && NAME_PART.test(text)),
  uri: (text) => parseUrl(text) !== undefined,
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text) && text !== '',
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text),
  datetime: (text) => /^\d{4}-\d{2}-\d{2}t\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:z|[-+]\d{2}:?\d{2})$/i.test(text) && isDay(text.slice(0, 10)),
};

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** A prefix may end in a dash: what will follow it is not there yet. */
function maskDash(text: string): string {
  return text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text;
}

function isQualifiedName(text: string): boolean {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  const [prefix] = parts.length === 2 ? parts : [];
  if (parts.length > 2 || (prefix !== undefined && !FORMATS.dns1123Subdomain?.(prefix))) return false;
  return name.length <= 63 && NAME_PART.test(name);
}

/** The format library. */
export const NAMED_FORMATS: Library = {
  'format.named': (name) => {
    if (typeof name !== 'string') return undefined;
    return Object.hasOwn(FORMATS, name) ? new CelOptional(new Format(name)) : NONE;
  },
  '.validate': (format, text) => {
    if (!(format instanceof Format) || typeof text !== 'string') return undefined;
    return FORMATS[format.format]?.(text) ? NONE : new CelOptional([`${JSON.stringify(text)} is no ${format.format}`]);
  },
  ...Object.fromEntries(Object.keys(FORMATS).map((name) => [`format.${name}`, () => new Format(name)])),
};
