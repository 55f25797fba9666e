/** An image as Kyverno tells its parts. */
export interface ImageInfo {
  readonly registry: string;
  readonly path: string;
  readonly name: string;
  readonly tag?: string;
  readonly digest?: string;
  readonly reference: string;
  readonly referenceWithTag: string;
}

const REFERENCE =
  /^([^/]+)\/([a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::([\w][\w.-]{0,127}))?(?:@([A-Za-z][\w+.-]*:[0-9a-fA-F]{32,}))?$/;

/** Takes an image apart; without a registry it is of `docker.io`, without tag and digest it is `latest`. Undefined for what is none. */
export function imageInfo(image: string): ImageInfo | undefined {
  const [, registry = '', path = '', given, digest] = REFERENCE.exec(hasRegistry(image) ? image : `docker.io/${image}`) ?? [];
  if (path === '') return undefined;
  const tag = given ?? (digest === undefined ? 'latest' : undefined);
  const place = `${registry}/${path}`;
  return {
    registry,
    path,
    name: path.slice(path.lastIndexOf('/') + 1),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    reference: digest === undefined ? `${place}:${tag}` : `${place}@${digest}`,
    referenceWithTag: `${place}:${tag ?? ''}`,
  };
}

function hasRegistry(image: string): boolean {
  const head = image.split('/')[0] ?? '';
  return image.includes('/') && (/[.:]/.test(head) || head === 'localhost' || head.toLowerCase() !== head);
}
