import { formatFieldPath, type JsonValue, type Location, parseFieldPath, Tier0Error } from '@tier0/core';
import { createHelmRenderer, createKubectlRenderer, createLocator } from '@tier0/gitops';
import { PROGRAM } from '../program-name.ts';
import { itemId, liveValue, readLive, refuseCredentials, requireField, toValue, withMirror } from '../world/live-item.ts';
import { type Command, parseOptions } from './command.ts';
import { asksForJson, OUTPUT_OPTIONS } from './output-form.ts';

/** `tier0 locate ITEM FIELD`: which file, document and path declare a live field. */
export const locate: Command = {
  name: 'locate',
  usage: `Usage: ${PROGRAM} locate ITEM FIELD --repository URL [--manifests DIR | --kubeconfig FILE] [options]

Says which file, document and path declare the field, and why; or that it cannot tell, with the candidates. Reads only.
ITEM is KIND/NAMESPACE/NAME as kubectl has it (deploy/shop/web) or an item id; FIELD is a path like spec.replicas or
spec.template.spec.containers[name=web].image. What passes kustomizations is proved with "kubectl kustomize" where kubectl is on PATH;
values of charts in the repository are found with "helm template" where helm is, else by the conventions of charts, which the reason says.

  --repository URL     Git repository: a path, file:// or http(s) URL
  --branch NAME        branch the cluster is reconciled from                  (main)
  --path FOLDER        folder of the repository that declares this cluster
  --manifests DIR      live objects as files, e.g. from "kubectl get -o yaml"
  --kubeconfig FILE    live objects from a cluster; needs get and list only  ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                              (its current one)
  --cluster NAME       name of the cluster in item ids                        (cluster)
  --value VALUE        value it shall become, as JSON or text                 (a stand-in)
  -o, --output FORM    text or json                                           (text)

Exit code: 0 found, 1 not found, drifted or ambiguous, 2 could not look.
Example: ${PROGRAM} locate Deployment/shop/web spec.replicas --repository ./fleet --manifests ./live`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('locate', args, {
      repository: { type: 'string' },
      branch: { type: 'string', default: 'main' },
      path: { type: 'string' },
      manifests: { type: 'string' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      cluster: { type: 'string', default: 'cluster' },
      value: { type: 'string' },
      ...OUTPUT_OPTIONS,
    });
    const isJson = asksForJson(values);
    const [itemText, field] = positionals;
    if (!itemText || !field || positionals.length > 2)
      throw invalid(
        'Which field of which item?',
        `Run "${PROGRAM} locate Deployment/shop/web spec.replicas --repository URL --manifests DIR".`,
      );
    if (!values.repository)
      throw invalid(
        `"${PROGRAM} locate" needs --repository URL: where the cluster is declared.`,
        `Run "${PROGRAM} locate --help" for all options.`,
      );
    refuseCredentials(values.repository);
    const context = { signal: environment.signal, now: () => Date.now() };
    const reader = await readLive(values, environment, context);
    const item = itemId(itemText, values.cluster);
    const fieldPath = parseFieldPath(field);
    const live = liveValue(reader, item, fieldPath);
    requireField(reader, item, fieldPath);
    const value = values.value === undefined ? standIn(live) : toValue(values.value, live);
    const location = await withMirror(values.repository, environment, (mirror) =>
      createLocator({
        mirror,
        branch: values.branch,
        path: values.path,
        renderer: createKubectlRenderer(),
        chartRenderer: createHelmRenderer(),
      }).locate({ edit: { item, fieldPath, expectOld: live, value }, reader }, context),
    );
    environment.terminal.write(isJson ? `${JSON.stringify(location)}\n` : describe(location));
    return location.status === 'found' ? 0 : 1;
  },
};

/** Another value of the same kind: where a field is declared may depend on what it shall become. */
function standIn(live: JsonValue | undefined): JsonValue {
  if (typeof live === 'number') return live + 1;
  if (typeof live === 'boolean') return !live;
  const digest = typeof live === 'string' && live.includes('@');
  return typeof live === 'string' ? (digest ? live.replace(/.$/, (last) => (last === '0' ? '1' : '0')) : `${live}0`) : 'x';
}

function describe(location: Location): string {
  if (location.status === 'not-found') return `not found: ${location.reason}\n`;
  if (location.status === 'ambiguous')
    return `cannot tell: ${location.reason}\ncandidates:\n${location.candidates.map((one) => `  ${one}\n`).join('')}`;
  const { file, document, path } = location.edit;
  const head = location.status === 'drifted' ? `drifted: the file says ${location.found}\n` : '';
  return `${head}file      ${file}\ndocument  ${document}\npath      ${formatFieldPath(path)}\nreason    ${location.reason}\n`;
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
