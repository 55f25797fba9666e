import { isRemovedApi } from '../objects/removed-version.ts';

/** What a GitOps tool's error is about. */
export type GitopsTrouble = 'source' | 'render' | 'apply' | 'destination' | 'removed-api';

const DESTINATION =
  /there are no clusters with this name|unable to find destination server|cluster .{0,200}(?:not found|has not been configured)|references project .{0,100}(?:does not exist|which)|not permitted in project|project .{0,100} does not exist|destination server missing|namespaces? "[^"]+" not found|app(?:lication)? (?:is )?not allowed in project/i;
const SOURCE =
  /repository not found|authentication (?:required|failed)|authorization failed|could not read (?:username|password|from remote)|permission denied \(publickey|unable to access|failed to (?:list refs|fetch|clone|check ?out|initialize repository|pull)|unable to (?:resolve|check ?out|clone|fetch)|couldn't find remote ref|reference not found|no such host|connection refused|i\/o timeout|x509:|tls handshake|ssh: handshake|knownhosts|repository not accessible|not found in \S+ repository|manifest unknown|no chart (?:version|name) found|chart version .{0,100} not found|invalid chart reference|failed to download|\b40[13]\b (?:unauthorized|forbidden)|remote: /i;
const RENDER =
  /failed to generate manifest|manifest generation error|app path does not exist|path not found|no such file or directory|kustomize build|kustomization\.ya?ml|helm template|template: |error converting yaml|yaml: |json: |failed to (?:parse|render|unmarshal)|values don't meet|error unmarshaling|accumulating resources|missing key|evaluat|execution error/i;
const NO_KIND = /no matches for kind "([^"]+)" in version "([^"]+)"/i;

/** Errors that the next try meets again: what is written is wrong, or what is named is not there. */
const PAST_RETRYING =
  /dry-run failed[^\n]*(?:expected|typed patch|unknown|invalid|immutable|denied|forbidden)|expected (?:numeric|string|map|list)|is invalid|invalid value|unknown field|field is immutable|admission webhook "[^"]+" denied|forbidden|no matches for kind|path not found|no such file or directory|reference not found|couldn't find remote ref|unable to resolve reference|repository not found|authentication (?:required|failed)|permission denied \(publickey|ssh: handshake failed|knownhosts|key mismatch|unable to authenticate|authorization failed|could not read (?:username|password)|x509: |error converting yaml|yaml: |json: |missing resource metadata|manifest unknown|chart version .{0,100} not found|no chart (?:version|name) found|values don't meet|template: |failed to decrypt|kustomization\.ya?ml|must be specified|required value|unsupported value|duplicate (?:key|resource)/i;

/** Whether an error is one that no retry mends. */
export function isPastRetrying(message: string): boolean {
  return PAST_RETRYING.test(message);
}

/** What an error is about, by its words; `fallback` when they do not tell. */
export function troubleOf(message: string, fallback: GitopsTrouble): GitopsTrouble {
  const kind = NO_KIND.exec(message);
  if (kind) return isRemovedApi(kind[2] ?? '', kind[1] ?? '') ? 'removed-api' : 'apply';
  if (DESTINATION.test(message)) return 'destination';
  if (fallback === 'apply' && /admission webhook|is invalid|is forbidden|field is immutable|dry-run failed|unknown field/i.test(message))
    return 'apply';
  if (SOURCE.test(message)) return 'source';
  return RENDER.test(message) ? 'render' : fallback;
}

/** Workloads that a health check names, e.g. `Deployment/shop/web status: 'InProgress'`, as kind, namespace and name. */
export function namedObjects(message: string): readonly { readonly kind: string; readonly namespace: string; readonly name: string }[] {
  return [...message.matchAll(/\b([A-Z]\w+)\/([a-z0-9-]+)\/([a-z0-9.-]+)/g)].map(([, kind = '', namespace = '', name = '']) => ({
    kind,
    namespace,
    name,
  }));
}
