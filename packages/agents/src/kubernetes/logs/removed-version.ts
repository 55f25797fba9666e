import { REMOVED_VERSIONS } from '../objects/removed-version.ts';

const NOT_SERVED = /\b(?:list|watch|get) \*?(v\d\w*)\.([A-Z]\w+): (?:[^\n"]{0,80}: )?the server could not find the requested resource/;

/**
 * A version of a kind that a client asks for and no recent API server has, as `client-go` says it (`v1beta1.PodDisruptionBudget`), with the minor
 * version of Kubernetes 1.x since which that is so. The group is not said; the last group that had it is meant.
 */
export function removedVersionIn(message: string): { readonly version: string; readonly minor: number } | undefined {
  const [, version = '', kind = ''] = NOT_SERVED.exec(message) ?? [];
  const removed = REMOVED_VERSIONS.filter(({ apiVersion, kinds }) => apiVersion.endsWith(`/${version}`) && kinds.includes(kind));
  const minor = Math.max(...removed.map((one) => one.minor));
  return removed.length === 0 ? undefined : { version: `${version}.${kind}`, minor };
}
