/** Something that CEL calculates with. Ints are bigints, doubles numbers, as the language keeps them apart. */
export type CelValue =
  | null
  | boolean
  | bigint
  | number
  | string
  | Uint8Array
  | readonly CelValue[]
  | CelMap
  | CelUint
  | CelType
  | CelOptional
  | CelTimestamp
  | CelDuration
  | CelRecord
  | CelUnknown
  | CelOpaque;

/** Keys are text, ints (bigint, uints too) or booleans. */
export type CelMap = ReadonlyMap<string | bigint | boolean, CelValue>;

/** An unsigned number. */
export class CelUint {
  readonly value: bigint;
  constructor(value: bigint) {
    this.value = value;
  }
}

/** What `type(x)` gives. */
export class CelType {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value that may be missing. */
export class CelOptional {
  readonly value: CelValue | undefined;
  constructor(value: CelValue | undefined) {
    this.value = value;
  }
}

/** A moment, in nanoseconds since the epoch, and the zone it was written in. */
export class CelTimestamp {
  readonly nanos: bigint;
  /** `Z` or `+01:00`. */
  readonly zone: string;
  constructor(nanos: bigint, zone = 'Z') {
    this.nanos = nanos;
    this.zone = zone;
  }
}

/** A length of time, in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint;
  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** Fields that are worked out when they are reached, each once: `variables`, `request`. */
export class CelRecord {
  private readonly fields: ReadonlyMap<string, () => CelValue>;
  private readonly known = new Map<string, CelValue>();
  constructor(fields: ReadonlyMap<string, () => CelValue>) {
    this.fields = fields;
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  /** Undefined where there is no such field. Throws what working it out throws, each time. */
  get(name: string): CelValue | undefined {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const value = this.fields.get(name)?.();
    if (value !== undefined) this.known.set(name, value);
    return value;
  }
}

/** A value that the API server has and nobody here: whatever depends on it cannot be decided. */
export class CelUnknown {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/** A value of a library: a quantity, an address, a version. Only its own functions and `==` take it. */
export abstract class CelOpaque {
  abstract readonly typeName: string;
  abstract equals(other: CelOpaque): boolean;
}

/** An expression failed as it would fail in the API server. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

/** An expression needs something that is not known here. What it would say is open. */
export class CelUndecidable extends Error {
  override readonly name = 'CelUndecidable';
}

export const NONE = new CelOptional(undefined);

/** Whether a value is a map. */
export function isCelMap(value: unknown): value is CelMap {
  return value instanceof Map;
}

/** JSON as CEL sees it: whole numbers are ints. */
export function toCel(value: unknown): CelValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (value === undefined) return null;
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value as CelValue;
  return new Map(Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, toCel(entry)] as const])));
}

/** CEL as JSON; values of libraries as they are. */
export function fromCel(value: CelValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof CelUint) return Number(value.value);
  if (value instanceof CelOptional) return value.value === undefined ? undefined : fromCel(value.value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (isCelMap(value)) return Object.fromEntries([...value].map(([key, entry]) => [String(key), fromCel(entry)]));
  return value;
}

/** Name of a value's type, as `type(x)` and error messages give it. */
export function typeNameOf(value: CelValue): string {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    case 'string':
      return 'string';
  }
  if (value === null) return 'null_type';
  if (Array.isArray(value)) return 'list';
  if (isCelMap(value) || value instanceof CelRecord) return 'map';
  if (value instanceof Uint8Array) return 'bytes';
  if (value instanceof CelUint) return 'uint';
  if (value instanceof CelType) return 'type';
  if (value instanceof CelOptional) return 'optional_type';
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp';
  if (value instanceof CelDuration) return 'google.protobuf.Duration';
  if (value instanceof CelUnknown) throw undecidable(value);
  return (value as CelOpaque).typeName;
}

/** Why nothing can be said of a value that is not known. */
export function undecidable(unknown: CelUnknown): CelUndecidable {
  return new CelUndecidable(`${unknown.name} is not known here`);
}
