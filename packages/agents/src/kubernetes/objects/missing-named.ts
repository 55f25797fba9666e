/** An object that a line says is not there. */
export interface MissingObject {
  readonly objectKind: string;
  readonly name: string;
  /** Where the line names it. */
  readonly namespace: string | undefined;
}

/** Kinds that a program or an operator is told of by name, and that do not come and go by themselves as pods do. */
const KINDS = [
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'Job',
  'PersistentVolumeClaim',
  'Secret',
  'ServiceAccount',
  'StatefulSet',
] as const;
const KIND_BY_WORD = new Map(KINDS.flatMap((kind) => [kind.toLowerCase(), `${kind.toLowerCase()}s`].map((word) => [word, kind] as const)));
const WORD = `(${[...KIND_BY_WORD.keys()].sort((a, b) => b.length - a.length).join('|')})(?:\\.[a-z0-9.-]+)?`;
const NAME = '["\'`]?((?:[a-z0-9-]+\\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)["\'`]?';
const PLACE = '(?: in (?:the )?namespace ["\'`]?([a-z0-9-]+)["\'`]?)?';
const GONE = "(?:(?:was|is|are|could) )?not (?:be )?(?:found|exist(?:ing)?)|does(?: not|n't) exist";
/** `secrets "db" not found`, `jobs.batch "schema" not found` (the API server), `Secret "db" not found`, `configmap shop/settings does not exist`. */
const PATTERNS: readonly RegExp[] = [
  new RegExp(`\\b${WORD} ${NAME}${PLACE},? (?:${GONE})`, 'i'),
  new RegExp(`(?:could not find|cannot find|can't find|unable to find|failed to find|no such) (?:the )?${WORD} ${NAME}${PLACE}`, 'i'),
  new RegExp(`(?:get(?:ting)?|fetch(?:ing)?|read(?:ing)?|load(?:ing)?) (?:the )?${WORD} ${NAME}${PLACE}[^\\n]{0,40}?: not found`, 'i'),
];
/** Words that stand where a name would, in lines that name nothing. */
const NO_NAME = /^(?:a|an|and|be|could|does|for|has|is|name|not|of|or|that|the|to|was|were|which|with)$/i;

/** The object that a line says does not exist; undefined where it names none. */
export function missingObjectIn(message: string): MissingObject | undefined {
  for (const pattern of PATTERNS) {
    const [, word, told, place] = pattern.exec(message) ?? [];
    const objectKind = KIND_BY_WORD.get((word ?? '').toLowerCase());
    if (objectKind === undefined || told === undefined) continue;
    const [name = '', space] = told.split('/').reverse();
    if (!NO_NAME.test(name)) return { objectKind, name, namespace: place ?? space };
  }
  return undefined;
}
