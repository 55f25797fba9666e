import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { indexed } from '../objects/indexed.ts';
import { objectsOf } from '../objects/objects.ts';
import { textAt } from '../objects/read-object.ts';
import { REMOVED_VERSIONS, removedIn } from '../objects/removed-version.ts';

/** Minor version of the newest kubelet, which is never newer than its server. */
const minorVersion = indexed((reader) => {
  const versions = objectsOf(reader, 'Node').map((node) => textAt(node.object, 'status', 'nodeInfo', 'kubeletVersion') ?? '');
  return Math.max(0, ...versions.map((version) => Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0)));
});

/** Objects written for an API version that the server has stopped serving: declared ones, since a server cannot list them. */
export const deprecatedApiRule: Rule = {
  name: 'deprecated-api',
  check: (reader) => {
    const minor = minorVersion(reader);
    const kinds = new Set(REMOVED_VERSIONS.flatMap((removed) => removed.kinds));
    return minor === 0 ? [] : [...kinds].sort().flatMap((kind) => checkKind(reader, kind, minor));
  },
};

function checkKind(reader: CmdbReader, kind: string, minor: number): readonly FindingDraft[] {
  return objectsOf(reader, kind).flatMap(({ id, name, object }): readonly FindingDraft[] => {
    const apiVersion = textAt(object, 'apiVersion') ?? '';
    const since = removedIn(apiVersion, kind);
    if (since === undefined || minor < since) return [];
    const message = `${kind} ${name} is written for ${apiVersion}, which Kubernetes 1.${minor} does not serve`;
    return [{ code: 'T0-DEPRECATEDAPI-001', subject: id, message, evidence: [quote(reader, id, ['apiVersion'])] }];
  });
}
