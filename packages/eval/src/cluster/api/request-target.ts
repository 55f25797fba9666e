import type { KindRegistry, ResourceKind } from '../kinds.ts';
import { StatusError } from '../status-error.ts';

/** What a URL points to. */
export interface RequestTarget {
  readonly kind: ResourceKind;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** `/api/v1/namespaces/shop/pods/web-1/log` and `/apis/apps/v1/deployments`, taken apart. */
export function parseTarget(path: string, kinds: KindRegistry): RequestTarget {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decodeSegment);
  const [root, ...rest] = segments;
  const [group, version, ...steps] = root === 'api' ? ['', ...rest] : root === 'apis' ? rest : [];
  if (group === undefined || version === undefined || steps.length === 0) throw unknownPath();
  const { namespace, resource, name, subresource, extra } = placeOf(steps);
  const kind = kinds.find(group, version, resource);
  if (kind === undefined || extra || (namespace !== undefined && !kind.namespaced)) throw unknownPath();
  if (kind.namespaced && namespace === undefined && name !== undefined) throw unknownPath();
  if (subresource !== undefined && !kind.subresources.includes(subresource)) throw unknownPath();
  return { kind, namespace, name, subresource };
}

function placeOf(steps: readonly string[]) {
  const inNamespace = steps[0] === 'namespaces' && steps.length >= 3 && !['status', 'finalize'].includes(steps[2]!);
  const [resource, name, subresource, extra] = inNamespace ? steps.slice(2) : steps;
  return { namespace: inNamespace ? steps[1] : undefined, resource: resource!, name, subresource, extra };
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new StatusError('BadRequest', `invalid URL escape in "${segment}"`);
  }
}

export function unknownPath(): StatusError {
  return new StatusError('NotFound', 'the server could not find the requested resource');
}
