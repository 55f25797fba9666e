/** How the tools that people record clusters with name their log files; each gives namespace, pod, container and `previous`, if it is. */
const LAYOUTS: readonly RegExp[] = [
  // tier0 record
  /^logs\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+?)(?<previous>\.previous)?\.log$/,
  // oc adm must-gather and oc adm inspect
  /(?:^|\/)namespaces\/(?<namespace>[^/]+)\/pods\/(?<pod>[^/]+)\/(?<container>[^/]+)\/[^/]+\/logs\/(?:current|(?<previous>previous))\.log$/,
  // support-bundle of troubleshoot.sh
  /(?:^|\/)cluster-resources\/pods\/logs\/(?<namespace>[^/]+)\/(?<pod>[^/]+)\/(?<container>[^/]+?)(?<previous>-previous)?\.log$/,
  // kubectl cluster-info dump --output-directory
  /^(?:[^/]+\/)?(?<namespace>[^/]+)\/(?<pod>[^/]+)\/logs\.txt$/,
];

/**
 * Whose log a file holds, by its name: `<namespace>/<pod>/<container>`, `.previous` appended for the instance before. The container is `*` in
 * a file that holds all of a pod. Undefined for what is no log.
 */
export function logKeyOf(file: string): string | undefined {
  for (const layout of LAYOUTS) {
    const { namespace, pod, container = '*', previous } = layout.exec(file)?.groups ?? {};
    if (namespace !== undefined) return `${namespace}/${pod}/${container}${previous === undefined ? '' : '.previous'}`;
  }
  return undefined;
}

const START = /^==== START logs for (?:init |ephemeral )?container (\S+) of pod \S+ ====$/;
const END = /^==== END logs for (?:init |ephemeral )?container \S+ of pod \S+ ====$/;

/** The logs in a file of `kubectl cluster-info dump`, by container. */
export function logsByContainer(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string[]>();
  let open: string[] | undefined;
  for (const line of text.split('\n')) {
    const [, container] = START.exec(line) ?? [];
    if (container !== undefined) {
      open = sections.get(container) ?? [];
      sections.set(container, open);
    } else if (END.test(line)) open = undefined;
    else open?.push(line);
  }
  return new Map([...sections].map(([container, lines]) => [container, lines.map((line) => `${line}\n`).join('')]));
}
