import { type ConfigurationItem, digestOf } from '@tier0/core';
import { normalise } from '../identity/normalise.ts';

/** Item of a Git repository that declares something; two spellings of one address are one item. Credentials in it are dropped. */
export function repositoryItem(
  url: string,
  { source, observedAt }: { readonly source: string; readonly observedAt: string },
): ConfigurationItem {
  const name = normalise(url, 'gitUrl')[0] ?? 'unknown';
  return {
    id: `repository:${name}`,
    kind: 'Repository',
    name,
    scope: 'repository',
    columns: { url: `https://${name}` },
    digest: digestOf({ name }),
    identifiers: [{ scheme: 'gitUrl', value: name }],
    sources: [{ name: source, observedAt }],
    observedAt,
  };
}

/** An object without the user names, passwords and tokens that people write into addresses. */
export function withoutUrlCredentials<T>(object: T): T {
  return JSON.parse(JSON.stringify(object).replace(/(:\/\/)[^/@"\s\\]+@/g, '$1')) as T;
}
