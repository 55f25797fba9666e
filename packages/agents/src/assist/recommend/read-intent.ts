import { type Intent, IntentSchema } from './intent.ts';

/** What was read, or what is missing to read it. Words that no part of the intent came from are named: they may have mattered. */
export type IntentReading =
  | { readonly state: 'read'; readonly intent: Intent; readonly unread: readonly string[] }
  | { readonly state: 'unclear'; readonly problems: readonly string[] };

interface Part {
  readonly pattern: RegExp;
  readonly facts: (match: readonly string[]) => Readonly<Record<string, unknown>>;
}

/** Each takes its words out of the sentence; the order decides who takes first. */
const PARTS: readonly Part[] = [
  { pattern: /\bschedule "([^"]+)"/i, facts: ([, schedule]) => ({ schedule }) },
  { pattern: /\bevery (\d+) minutes\b/i, facts: ([, minutes]) => ({ schedule: `*/${minutes} * * * *` }) },
  { pattern: /\bevery hour\b|\bhourly\b/i, facts: () => ({ schedule: '0 * * * *' }) },
  {
    pattern: /\b(?:every (?:day|night)|daily|nightly)(?: at (\d{1,2}):(\d{2}))?\b/i,
    facts: ([, hour = '2', minute = '0']) => ({ schedule: `${Number(minute)} ${Number(hour)} * * *` }),
  },
  { pattern: /\b(?:from|with|using|run|runs|running)?\s*(?:the )?image ["']?([\w.:/@-]*[\w])["']?/i, facts: ([, image]) => ({ image }) },
  { pattern: /\b(?:in|into) (?:the )?namespace ["']?([\w.-]+)["']?/i, facts: ([, namespace]) => ({ namespace }) },
  { pattern: /\b(?:on|listening on|at) (?:tcp )?port (\d+)\b/i, facts: ([, port]) => ({ port: Number(port) }) },
  { pattern: /\b(?:health|ready|readiness)(?: check)?(?: at| on| path)* (\/[\w./-]*)/i, facts: ([, health]) => ({ health }) },
  {
    pattern: /\b(?:public(?:ly)?|reachable|exposed|available)? ?(?:at|under|as) (?:https?:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)\b/i,
    facts: ([, host]) => ({ host }),
  },
  {
    pattern: /\b(?:with )?(\d+) (?:to|up to|-) (\d+) (?:replicas|copies|instances)\b/i,
    facts: ([, replicas, most]) => ({ replicas: Number(replicas), maxReplicas: Number(most) }),
  },
  { pattern: /\b(?:with |as |in )?(\d+) (?:replicas?|copies|instances?)\b/i, facts: ([, replicas]) => ({ replicas: Number(replicas) }) },
  { pattern: /\b(?:scaling )?up to (\d+)(?: replicas| copies| instances)?\b/i, facts: ([, most]) => ({ maxReplicas: Number(most) }) },
  {
    pattern: /\b(?:with |keeping |and )?(\d+) ?([MGT])i?B?(?: of)? (?:storage|disk|volume|data)\b/i,
    facts: ([, size, unit]) => ({ storage: `${size}${unit?.toUpperCase()}i` }),
  },
  { pattern: /\b(?:for|owned by|of) (?:the )?team ["']?([\w.-]+)["']?/i, facts: ([, team]) => ({ team }) },
  {
    pattern:
      /\b(web ?(?:service|server|app|site)?|api|http service|frontend|backend|service|server)(?: (?:called|named))? ["']?([a-z][-a-z0-9]*)["']?/i,
    facts: ([, , name]) => ({ workload: 'web', name }),
  },
  {
    pattern: /\b(worker|consumer|daemon|queue reader)(?: (?:called|named))? ["']?([a-z][-a-z0-9]*)["']?/i,
    facts: ([, , name]) => ({ workload: 'worker', name }),
  },
  {
    pattern: /\b(database|store|cache|broker|stateful service)(?: (?:called|named))? ["']?([a-z][-a-z0-9]*)["']?/i,
    facts: ([, , name]) => ({ workload: 'store', name }),
  },
  {
    pattern: /\b((?:cron ?|batch )?job|task|migration|backup)(?: (?:called|named))? ["']?([a-z][-a-z0-9]*)["']?/i,
    facts: ([, , name]) => ({ workload: 'job', name }),
  },
];

/** Words that carry nothing by themselves. */
const FILLERS = new Set(
  'a an the i we need want please run runs running deploy start set up create give me us that which is be it and with as to for should called named new one on at in'.split(
    ' ',
  ),
);

/** What stands where a wish says nothing. */
export interface IntentDefaults {
  readonly namespace?: string | undefined;
  readonly team?: string | undefined;
  /** Of what runs on; a job has none. */
  readonly replicas?: number | undefined;
}

/** Reads words into an intent, without a model. */
export function readIntent(words: string, defaults: IntentDefaults = {}): IntentReading {
  let rest = ` ${words
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.!?]+$/, '')} `;
  let facts: Record<string, unknown> = {};
  for (const { pattern, facts: read } of PARTS) {
    const match = pattern.exec(rest);
    if (!match) continue;
    const found = read(match);
    // What has been said already stands: "a web service for the worker" is a web service.
    if ('workload' in found && 'workload' in facts) continue;
    facts = { ...found, ...facts };
    rest = `${rest.slice(0, match.index)} ${rest.slice(match.index + match[0].length)}`;
  }
  const scheduled = facts.schedule !== undefined && facts.workload === 'job' ? { ...facts, workload: 'schedule' } : facts;
  return toReading(withDefaults(scheduled, defaults), unreadIn(rest));
}

/** Facts with what was not said filled in, as far as this kind of workload has a use for it. */
export function withDefaults(facts: Readonly<Record<string, unknown>>, { replicas, ...others }: IntentDefaults) {
  const runsOn = facts.workload === 'web' || facts.workload === 'worker';
  const given = { ...others, ...(runsOn ? { replicas } : {}), ...facts };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function unreadIn(rest: string): readonly string[] {
  const words = rest.toLowerCase().match(/[\p{L}\d][\p{L}\d./:-]*/gu) ?? [];
  return words.filter((word) => !FILLERS.has(word));
}

/** Judges facts, whoever read them: an intent is whole, and says nothing that its kind of workload has no use for. */
export function toReading(facts: Readonly<Record<string, unknown>>, unread: readonly string[] = []): IntentReading {
  const parsed = IntentSchema.safeParse(facts);
  if (!parsed.success) {
    return { state: 'unclear', problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
  }
  const problems = problemsOf(parsed.data);
  return problems.length > 0 ? { state: 'unclear', problems } : { state: 'read', intent: parsed.data, unread };
}

function problemsOf(intent: Intent): readonly string[] {
  const { workload, image, port, host, schedule, storage, replicas = 1, maxReplicas } = intent;
  const serves = workload === 'web' || workload === 'store';
  const runsOn = serves || workload === 'worker';
  return [
    ...(/@sha256:[0-9a-f]{64}$/.test(image) || /:(?!latest$)[\w][\w.-]*$/.test(image)
      ? []
      : ['image: name a version (not "latest"), or a digest']),
    ...(serves && port === undefined ? ['port: which port does it listen on?'] : []),
    ...(workload === 'schedule' && schedule === undefined ? ['schedule: when does it run?'] : []),
    ...(workload === 'store' && storage === undefined ? ['storage: how much does it keep, e.g. 10Gi of storage?'] : []),
    ...(host !== undefined && workload !== 'web' ? ['host: only a web service is reached by the world'] : []),
    ...(schedule !== undefined && workload !== 'schedule' ? ['schedule: only a job runs by a schedule'] : []),
    ...(!runsOn && (intent.replicas !== undefined || maxReplicas !== undefined) ? ['replicas: a job has none'] : []),
    ...(workload === 'store' && maxReplicas !== undefined ? ['maxReplicas: what keeps data is not scaled by load'] : []),
    ...(maxReplicas !== undefined && maxReplicas <= replicas ? ['maxReplicas: more than the replicas it begins with'] : []),
  ];
}
