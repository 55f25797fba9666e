/** `registry/name:tag@digest` taken apart. */
export interface Image {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes an image reference apart; a port of the registry is not a tag. */
export function splitImage(image: string): Image {
  const [reference = '', digest] = image.split('@');
  const colon = reference.lastIndexOf(':');
  const hasTag = colon > reference.lastIndexOf('/');
  return { name: hasTag ? reference.slice(0, colon) : reference, tag: hasTag ? reference.slice(colon + 1) : undefined, digest };
}

/** Puts an image reference together. */
export function joinImage({ name, tag, digest }: Image): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** What an entry of `images:` makes of an image: kustomize drops the tag where a digest is given, and the digest where a tag is. */
export function replaceImage(image: Image, entry: Readonly<Record<string, unknown>>): Image {
  const name = typeof entry.newName === 'string' ? entry.newName : image.name;
  if (entry.digest !== undefined) return { name, tag: undefined, digest: String(entry.digest) };
  if (entry.newTag !== undefined) return { name, tag: String(entry.newTag), digest: undefined };
  return { ...image, name };
}

/** Argo CD's short form of an `images:` entry: `[name=]newName[:newTag][@digest]`. */
export function parseArgoImage(text: string): { readonly name: string; readonly prefix: string; readonly image: Image } {
  const equals = text.indexOf('=');
  const image = splitImage(text.slice(equals + 1));
  return { name: equals === -1 ? image.name : text.slice(0, equals), prefix: text.slice(0, equals + 1), image };
}
