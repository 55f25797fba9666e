import { hostWordsIn } from '../objects/host-name.ts';
import { type MissingObject, missingObjectIn } from '../objects/missing-named.ts';
import { quotaIn } from './over-quota.ts';
import { removedVersionIn } from './removed-version.ts';

/** What a log message says went wrong, in words of operating systems and runtimes that are the same for every program. */
export type LogSign =
  | { readonly kind: 'missing-variable' | 'invalid-value'; readonly name: string }
  | { readonly kind: 'missing-file' | 'permission-denied' | 'read-only'; readonly path: string }
  /** A port that the user of the program may not listen on. */
  | { readonly kind: 'port-denied'; readonly port: number | undefined }
  /** Another program answers, and says that it will not do what it is asked for a reason of its own. */
  | { readonly kind: 'server-refuses'; readonly why: string; readonly words: readonly string[] }
  /** The host is empty where the line names none that can be told from a word. */
  | { readonly kind: 'connection-refused' | 'timeout'; readonly host: string; readonly port?: number | undefined }
  | { readonly kind: 'dns-failure'; readonly host: string }
  | { readonly kind: 'authentication-failed'; readonly user: string }
  | { readonly kind: 'forbidden-api'; readonly access: ApiAccess }
  | { readonly kind: 'address-in-use'; readonly port?: number | undefined }
  /** A word of the command line that the program does not know; '' when it only tells how it is used. */
  | { readonly kind: 'bad-usage'; readonly word: string }
  /** Files named where the text of one could not be understood; none when it only says that it is its configuration file. */
  | { readonly kind: 'unreadable-file'; readonly paths: readonly string[] }
  /** Texts that it quotes as what it could not understand. */
  | { readonly kind: 'bad-value'; readonly values: readonly string[] }
  /** A server that answers, with a status that tells of its own trouble. */
  | { readonly kind: 'server-error'; readonly host: string; readonly status: number }
  /** A disruption budget lets no pod go; which pod, where it is named. */
  | { readonly kind: 'eviction-refused'; readonly pod: { readonly namespace: string | undefined; readonly name: string } | undefined }
  /** The API server does not know who asks. */
  | { readonly kind: 'api-unauthorized' }
  /** A table or a column that the database does not know. */
  | { readonly kind: 'schema-missing' }
  /** A version of one of its own kinds that the API server no longer serves. */
  | { readonly kind: 'version-removed'; readonly version: string; readonly minor: number }
  /** The API server makes nothing more, since a quota of the namespace is used up. */
  | { readonly kind: 'over-quota'; readonly quota: string }
  /** An object of the API that is named and not there. */
  | ({ readonly kind: 'object-missing' } & MissingObject)
  | { readonly kind: PlainKind };

type PlainKind =
  | 'disk-full'
  | 'out-of-memory'
  | 'certificate-expired'
  | 'certificate-untrusted'
  | 'exec-format'
  | 'child-killed'
  | 'pool-exhausted'
  | 'rate-limited';

/** What the API server refused to a service account. */
export interface ApiAccess {
  readonly verb: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly group: string;
  /** Undefined: at the cluster scope. */
  readonly namespace: string | undefined;
  readonly accountNamespace: string;
  readonly account: string;
}

/** The first reading that fits, most particular first; undefined when the message says nothing known. */
export function classifyMessage(message: string): LogSign | undefined {
  return readingsOf(message)[0];
}

/**
 * Every reading that fits, most particular first: the cluster may contradict one and bear out the next. Lines below the message (`more`) are
 * only searched for the file that could not be understood.
 */
export function readingsOf(message: string, more: readonly string[] = []): readonly LogSign[] {
  const plain = message.replaceAll('\\"', '"');
  const signs = [
    apiSign(plain),
    evictionSign(plain),
    quotaSign(plain),
    versionSign(plain),
    objectSign(plain),
    SCHEMA_MISSING.test(plain) ? { kind: 'schema-missing' as const } : undefined,
    /(?:failed to (?:list|watch|get)|reflector|kubernetes\.default)[^\n]*\bunauthorized\b/i.test(plain)
      ? { kind: 'api-unauthorized' as const }
      : undefined,
    serverSign(plain),
    plainSign(plain),
    nameSign(plain),
    accountSign(plain),
    variableSign(plain),
    usageSign(plain),
    textSign([plain, ...more].join('\n')),
    valueSign(plain),
    fileSign(plain),
    connectionSign(plain),
    errorStatusSign(plain),
  ];
  return signs.filter((sign) => sign !== undefined);
}

const FORBIDDEN =
  /user "?system:serviceaccount:([^:"\s]+):([^"\s]+?)"? cannot (\w+) (?:resource )?"?([\w./-]+)"?(?: in API group "([^"]*)")?(?: in the namespace "?([^"\s.]+)"?)?/i;

function apiSign(message: string): LogSign | undefined {
  const match = FORBIDDEN.exec(message);
  if (!match) return undefined;
  const [, accountNamespace = '', account = '', verb = '', resource = '', group = '', namespace] = match;
  return { kind: 'forbidden-api', access: { verb, resource, group, namespace, accountNamespace, account } };
}

function versionSign(message: string): LogSign | undefined {
  const removed = removedVersionIn(message);
  return removed && { kind: 'version-removed', ...removed };
}

function quotaSign(message: string): LogSign | undefined {
  const quota = quotaIn(message);
  return quota === undefined ? undefined : { kind: 'over-quota', quota };
}

function objectSign(message: string): LogSign | undefined {
  const missing = missingObjectIn(message);
  return missing && { kind: 'object-missing', ...missing };
}

/** As the usual databases say it. */
const SCHEMA_MISSING =
  /UndefinedTable|UndefinedColumn|relation "[^"]+" does not exist|column "?[\w.]+"? does not exist|no such (?:table|column)|Table '[^']+' doesn't exist|Unknown column '|Invalid object name '|ORA-00942|unknown table\b/i;
const EVICTION_REFUSED = /violate the pod's disruption budget|more than one PodDisruptionBudget/i;

function evictionSign(message: string): LogSign | undefined {
  if (!EVICTION_REFUSED.test(message)) return undefined;
  const named = /pods?[ /]"?([a-z0-9][a-z0-9.-]*)"?(?: -n "?([a-z0-9-]+)"?)?/i.exec(
    message.replace(/violate the pod's|This pod has/gi, ''),
  );
  const [space, pod] = /pods? "?([a-z0-9-]+)\/([a-z0-9.-]+)"?/i.exec(message)?.slice(1) ?? [];
  if (pod !== undefined && space !== undefined) return { kind: 'eviction-refused', pod: { namespace: space, name: pod } };
  return { kind: 'eviction-refused', pod: named?.[1] === undefined ? undefined : { namespace: named[2], name: named[1] } };
}

/** `http://orders.shop.svc/api -> 502`, `502 Bad Gateway for url: http://...`, `status 503 from http://...`. */
const ERROR_STATUS: readonly RegExp[] = [
  /\bhttps?:\/\/(?:[^\s/@"]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d+)?(?:\/[^\s"'),]*)?["']?[^\n]{0,40}?(?<![\w.:-])(40[13]|50[0-4])(?![\w.])/i,
  /(?<![\w.:-])(40[13]|50[0-4])(?![\w.])[^\n]{0,80}?\bhttps?:\/\/(?:[^\s/@"]*@)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)/i,
];

function errorStatusSign(message: string): LogSign | undefined {
  const [before, after] = ERROR_STATUS.map((pattern) => pattern.exec(message));
  const [host, status] = before ? [before[1], before[2]] : [after?.[2], after?.[1]];
  return host === undefined ? undefined : { kind: 'server-error', host: host.toLowerCase(), status: Number(status) };
}

const PLAIN: readonly { readonly kind: PlainKind; readonly pattern: RegExp }[] = [
  { kind: 'disk-full', pattern: /no space left on device|ENOSPC|disk quota exceeded|disk is full|database or disk is full/i },
  {
    kind: 'out-of-memory',
    pattern:
      /java\.lang\.OutOfMemoryError|heap out of memory|runtime: out of memory|\bMemoryError\b|cannot allocate memory|\bENOMEM\b|std::bad_alloc|System\.OutOfMemoryException|NoMemoryError/i,
  },
  {
    kind: 'certificate-expired',
    pattern:
      /certificate (?:has )?expired|CERT_HAS_EXPIRED|CertificateExpired|certificate is not yet valid|CERT_NOT_YET_VALID|CertificateNotYetValid|expired certificate/i,
  },
  {
    kind: 'certificate-untrusted',
    pattern:
      /remote error: tls: (?:bad certificate|unknown certificate|unknown certificate authority|certificate required)|tlsv1 alert (?:unknown ca|bad certificate|certificate required)|signed by unknown authority|self[- _]signed cert|unable to verify the first certificate|unable to get (?:local )?issuer certificate|PKIX path (?:building|validation) failed|CERTIFICATE_VERIFY_FAILED|certificate verify failed|certificate is valid for|does not match certificate's altnames|certificate is not trusted|UntrustedRoot|unknown ca\b/i,
  },
  {
    kind: 'child-killed',
    pattern:
      /(?:process|worker|child|job|subprocess|pid \d+|command)[^\n]{0,60}(?:(?:status|code|exit(?:ed)?)[ :=(]*137\b|signal[ :=(]*(?:9\b|SIGKILL|killed)|\bSIGKILL\b)|\bsignal: killed\b|\bOut of memory: Killed process\b/i,
  },
  { kind: 'exec-format', pattern: /exec format error|cannot execute binary file/i },
  {
    kind: 'pool-exhausted',
    pattern:
      /too many connections|too many clients already|remaining connection slots are reserved|max number of clients reached|connection pool (?:is )?(?:exhausted|timed out|timeout|full)|pool exhausted|Connection is not available, request timed out|QueuePool limit|timeout[^.]*obtaining a connection from the pool|ResourceRequest timed out|timed out fetching a new connection from the connection pool|max_connections/i,
  },
  {
    kind: 'rate-limited',
    pattern:
      /\b429\b[^\n]{0,20}too many requests|too many requests|rate limit (?:exceeded|reached)|rate[- ]limited|ThrottlingException|quota exceeded for/i,
  },
];

function plainSign(message: string): LogSign | undefined {
  const found = PLAIN.find(({ pattern }) => pattern.test(message));
  return found && { kind: found.kind };
}

/** Answers of the usual servers about their own state, which no client can mend. */
const SERVER_REFUSES: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\bOOM command not allowed\b|used memory > 'maxmemory'/i, why: 'it has reached its maxmemory' },
  { pattern: /READONLY You can't write against a read only|can't write against a read only replica/i, why: 'it is a read-only replica' },
  {
    pattern: /cannot execute [A-Z ]+ in a read-only transaction|--read-only option|super[-_]read[-_]only|database is in read-only mode/i,
    why: 'it takes no writes',
  },
  {
    pattern:
      /\bNOPERM\b|has no permissions to run the|permission denied for (?:table|relation|schema|database|sequence|function|view)|must be owner of (?:table|relation)|command denied to user|TOPIC_AUTHORIZATION_FAILED|TopicAuthorizationException|GroupAuthorizationException|not authorized on \w+ to execute/i,
    why: 'the user that it comes as may not do that',
  },
  {
    pattern:
      /no pg_hba\.conf entry|pg_hba\.conf rejects connection|Host '[^']+' is not allowed to connect to this (?:MySQL|MariaDB) server/i,
    why: 'its own rules of who may connect (pg_hba.conf) do not let it in',
  },
  { pattern: /is running in protected mode|protected-mode is enabled/i, why: 'it is in protected mode and takes local connections only' },
  { pattern: /MISCONF [^\n]*(?:persist|snapshot|RDB)|stop-writes-on-bgsave-error/i, why: 'it cannot save to its disk' },
  {
    pattern: /the database system is (?:starting up|shutting down|in recovery mode)|LOADING [^\n]*dataset in memory/i,
    why: 'it is still starting',
  },
  {
    pattern:
      /NOREPLICAS Not enough good replicas|not enough (?:in-sync )?replicas|NotEnoughReplicas|no primary (?:found|available)|not master|NotWritablePrimary/i,
    why: 'it lacks members',
  },
  { pattern: /CLUSTERDOWN/i, why: 'its cluster does not serve the hash slots' },
  {
    pattern: /mvcc: database space exceeded|etcdserver: no space|alarm:? ?"?NOSPACE/i,
    why: 'the quota of its storage is used up (NOSPACE)',
  },
  {
    pattern: /flood[- ]stage disk watermark|index\.blocks\.read_only_allow_delete|cluster_block_exception|disk free alarm|resource alarm/i,
    why: 'it has run short of disk or memory',
  },
];

function serverSign(message: string): LogSign | undefined {
  const found = SERVER_REFUSES.find(({ pattern }) => pattern.test(message));
  if (found === undefined) return undefined;
  return { kind: 'server-refuses', why: found.why, words: [...new Set(hostWordsIn(message))] };
}

const HOST = '["\'`\\[]?([a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)["\'`\\]]?';
const NAME_FAILURES: readonly RegExp[] = [
  new RegExp(`lookup ${HOST}\\.?(?: on [^\\s]+)?:? (?:no such host|server misbehaving|i/o timeout|.*temporary failure)`, 'i'),
  // Whatever follows the address of a name server is why it did not answer.
  new RegExp(`lookup ${HOST}\\.? on [^\\s]+:53: `, 'i'),
  new RegExp(`getaddrinfo (?:ENOTFOUND|EAI_AGAIN)(?: for)? ${HOST}`, 'i'),
  new RegExp(`UnknownHostException:? ${HOST}`, 'i'),
  new RegExp(`could not translate host name ${HOST}`, 'i'),
  new RegExp(
    `(?:could not|couldn't|failed to|cannot|can't|unable to) (?:resolve|find)(?: the)?(?: host(?: ?name)?)?:? ${HOST}(?!\\S)`,
    'i',
  ),
  new RegExp(`host not found in upstream ${HOST}`, 'i'),
  new RegExp(`(?:dns|name) (?:lookup|resolution) (?:failed|failure|error)(?: for)?:? ${HOST}`, 'i'),
  new RegExp(`unknown (?:mysql server )?host ${HOST}`, 'i'),
  new RegExp(`bad address ${HOST}`, 'i'),
  // musl, glibc and macOS by their texts, the name behind them.
  new RegExp(
    `(?:name does not resolve|name or service not known|temporary failure in name resolution|nodename nor servname provided, or not known):? ${HOST}(?:$|[\\s,;)])`,
    'i',
  ),
  new RegExp(`connecting to ${HOST}(?::\\d+)?\\. ?(?:-\\d+|Name)`, 'i'),
  new RegExp(`host=${HOST},? port=\\d+.*(?:name or service not known|name resolution|failed to resolve)`, 'i'),
  new RegExp(
    `${HOST}(?::\\d+)?[:)]? .{0,40}(?:name or service not known|temporary failure in name resolution|name does not resolve|nodename nor servname)`,
    'i',
  ),
];

/** What stands where a host could: articles, the functions that look for hosts, and what else programs resolve. */
const NO_HOSTS: ReadonlySet<string> = new Set(
  `the a an any all host hostname address name dns url uri ip domain server service getaddrinfo gethostbyname gethostbyname_r getnameinfo curl wget
  error failed placeholder placeholders property properties variable variables expression template module modules import imports package
  dependency dependencies symbol symbols reference references ref path file class type bean function method plugin provider schema entity
  column table alias conflict conflicts version revision image tag manifest view route theme target`.split(/\s+/),
);

function nameSign(message: string): LogSign | undefined {
  if (!/host|lookup|getaddrinfo|resolv|name or service|name resolution|bad address|servname|does not resolve/i.test(message))
    return undefined;
  for (const pattern of NAME_FAILURES) {
    const match = pattern.exec(message);
    const host = match?.[1];
    if (host !== undefined && !NO_HOSTS.has(host.toLowerCase()) && !isOfSentence(message, match))
      return { kind: 'dns-failure', host: host.toLowerCase() };
  }
  return undefined;
}

/** A bare word with another one behind it is what the sentence is about: "unable to resolve at least one subnet" names no host. */
function isOfSentence(message: string, match: RegExpExecArray | null): boolean {
  if (match === null || !/(?:resolve|find)(?: the)? [a-z]+$/i.test(match[0])) return false;
  return /^ (?!(?:on|at|in|to|for|from|via|with|using|after|because|by|and)\b)[a-z]+/i.test(message.slice(match.index + match[0].length));
}

const AUTHENTICATION =
  /password authentication failed|access denied for user|WRONGPASS|NOAUTH|authentication failed|authentication failure|auth(?:entication)? error|invalid (?:username|user) or password|invalid password|invalid credentials|incorrect (?:username|password)|ACCESS_REFUSED|login failed for user|SASL auth\w* failed|InvalidAccessKeyId|SignatureDoesNotMatch|role "[^"]+" does not exist|not authorized on \w+|\b401\b[^\n]{0,20}unauthorized|unauthenticated/i;

/** A name is quoted, or stands behind `for user`, `user:` and the like: "user is disabled" names none. */
const USER = /\bfor user[: =]*["'`]?([\w.@-]+)|\b(?:user|role)[:=] ?["'`]?([\w.@-]+)|\b(?:user|role) ["'`]([\w.@-]+)["'`]/i;

function accountSign(message: string): LogSign | undefined {
  if (!AUTHENTICATION.test(message)) return undefined;
  return {
    kind: 'authentication-failed',
    user:
      USER.exec(message)
        ?.slice(1)
        .find((name) => name !== undefined) ?? '',
  };
}

const NAME = '([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z][A-Z0-9]{3,})';
const LACKS =
  '(?:is |was |are |were )?(?:not set|not defined|not provided|not found|not specified|undefined|missing|unset|required|empty|must (?:be|not be) (?:set|provided|specified|defined|empty|given)|cannot be empty)';
const MISSING_VARIABLE: readonly RegExp[] = [
  new RegExp(`(?:[Ee]nvironment|[Ee]nv|ENV)(?: ?[Vv]ar(?:iable)?)?s?:? ["'\`$]*${NAME}["'\`]* ${LACKS}`),
  new RegExp(
    `(?:[Mm]issing|[Rr]equired?|[Uu]ndefined|[Uu]nset|[Ee]xpected|[Nn]o)(?: (?:required|mandatory|the))*(?: (?:environment|env|config(?:uration)?|setting))?(?: ?(?:var(?:iable)?|key|value|setting)s?)?(?: ?\\(s\\))?:? ["'\`$]*${NAME}\\b`,
  ),
  new RegExp(`KeyError: ['"]${NAME}['"]`),
  new RegExp(`key not found: "${NAME}"`),
  new RegExp(`["'\`$]*${NAME}["'\`]*:? (?:environment variable |env var |variable )?${LACKS}\\b`),
  new RegExp(`${NAME}: (?:unbound variable|parameter (?:null or )?not set)`),
  /could not resolve placeholder '([^']+)'/i,
  new RegExp(`required key ${NAME} missing value`),
  new RegExp(
    `(?:must|need to) (?:specify|set|provide|define)(?: (?:one of|either|the|an?))*(?: environment variable)? [-"'\`$ ]*${NAME}\\b`,
  ),
  new RegExp(`["'\`]${NAME}["'\`]? (?:env|environment)[^.]{0,20}${LACKS}`),
];
const INVALID_VALUE: readonly RegExp[] = [
  new RegExp(
    `(?:^|[\\s"'(])${NAME}["'\`]?(?: ?=[^:]{0,60})?: [^\\n]{0,80}?(?:unknown unit|invalid|cannot parse|could not parse|unable to parse|failed to parse|malformed|bad format|out of range|not a valid|unsupported|unrecognized|expected )`,
  ),
  new RegExp(
    `(?:[Ii]nvalid|[Ii]llegal|[Bb]ad|[Ww]rong|[Uu]nsupported|[Uu]nknown)(?: (?:value|format|setting|configuration))?(?: ["'][^"']*["'])?(?: (?:for|of|in))?(?: (?:environment variable|env var|variable|setting))? ["'\`$]*${NAME}\\b`,
  ),
  new RegExp(
    `(?:[Ff]ailed to parse|[Cc]ould not parse|[Cc]annot parse|[Uu]nable to parse|[Ee]rror parsing|parsing|converting|assigning)(?: the)?(?: (?:environment variable|env var|variable|value of))? ["'\`$]*${NAME}\\b`,
  ),
  new RegExp(
    `["'\`$]*${NAME}["'\`]*[^\\n]{0,40}(?:must be (?:an? )?(?:number|integer|numeric|positive|boolean|one of|valid|url|uri|greater|less|between)|is not a (?:valid|number)|is invalid|has an invalid|invalid value|expected (?:an? )?(?:number|integer|url))`,
  ),
];

function variableSign(message: string): LogSign | undefined {
  const find = (patterns: readonly RegExp[]) =>
    patterns.map((pattern) => pattern.exec(message)?.[1]).find((name) => name !== undefined && !NOT_NAMES.has(name));
  const invalid = find(INVALID_VALUE);
  if (invalid !== undefined) return { kind: 'invalid-value', name: invalid };
  const missing = find(MISSING_VARIABLE);
  return missing === undefined ? undefined : { kind: 'missing-variable', name: missing };
}

/** Words in capitals that no one would call a variable. */
const NOT_NAMES: ReadonlySet<string> = new Set([
  'ERROR',
  'FATAL',
  'WARN',
  'WARNING',
  'INFO',
  'DEBUG',
  'HTTP',
  'HTTPS',
  'JSON',
  'YAML',
  'POST',
  'TRUE',
  'FALSE',
  'NULL',
  'ENOENT',
  'EACCES',
  'PANIC',
  'CRITICAL',
]);

/** How the usual libraries for command lines, and shells, refuse a word: getopt, argparse, click, clap, cobra, pflag, Go flag, yargs, picocli, JVM. */
const BAD_USAGE: readonly RegExp[] = [
  /(?:unknown|unrecogni[sz]ed|invalid|illegal|bad|unexpected|unsupported) (?:shorthand )?(?:long |short |command[- ]line )?(?:flag|option|switch|command|subcommand)s?(?: --)?[: ]+["'`]?(-{0,2}[\w][\w.=/:-]*|-\w)/i,
  /(?:unknown|unrecogni[sz]ed|invalid|illegal|bad|unexpected|unsupported) (?:command[- ]line )?(?:argument|parameter)s?:? ["'`]?(-{1,2}[\w][\w.=/:-]*)/i,
  /unrecogni[sz]ed arguments?: ["'`]?([\w./=:-]+)/i,
  /flag provided but not defined: (-{1,2}[\w-]+)/i,
  /no such (?:option|command|subcommand)s?:? ["'`]?(-{0,2}[\w-]+)/i,
  /found argument ["'`]?([^"'`\s]+)["'`]? which wasn't expected/i,
  /(?:the )?following (?:required )?arguments (?:were not provided|are required)[: ]*(\S+)?/i,
  /required flag\(s\) "?([\w-]+)/i,
  /missing required (?:option|flag|argument)s?[: ]+["'`]?(-{0,2}[\w-]+)/i,
  /got unexpected extra arguments? \(([^)]+)\)/i,
  /["'`](-{0,2}[\w-]+)["'`] is not a (?:\S+ )?(?:command|known command|valid command|valid option)/i,
  /(?:option|flag|argument) ["'`]?(-{1,2}[\w-]+)["'`]? (?:requires|needs|expects|is (?:not recogni[sz]ed|unknown|ambiguous|deprecated and has been removed))/i,
  /^usage:()/i,
];

/** Said of a request to a server, or of a file of settings, not of the command line. */
const OF_OTHERS = /\bERR unknown command|perhaps misspelled|config(?:uration)? file| in \/|\.(?:conf|ya?ml|toml|ini|json)\b/i;

function usageSign(message: string): LogSign | undefined {
  if (!/flag|option|switch|argument|parameter|command|usage/i.test(message) || OF_OTHERS.test(message)) return undefined;
  for (const pattern of BAD_USAGE) {
    const match = pattern.exec(message);
    if (match) return { kind: 'bad-usage', word: match[1] ?? '' };
  }
  return undefined;
}

/** How parsers of JSON, YAML, TOML, XML and the configuration of the usual servers refuse a text. */
const NOT_UNDERSTOOD =
  /syntax ?error|(?:in|after) JSON at position|expected (?:double-quoted )?property name|bad control character in|unexpected non-whitespace|unexpected (?:token|end of|eof|character|identifier|string|number|"|'|\})|unexpected eof|unterminated|not valid json|invalid (?:json|yaml|toml|xml|syntax|character|config)|JSONDecodeError|JsonParseException|JsonMappingException|MalformedJson|(?<![.\w])json: (?:cannot unmarshal|unknown field)|(?<![.\w])yaml: |YAMLException|YAMLParse|(?:scanner|parser|composer)\.?(?:error|exception)|(?:scanner|parser)error|mapping values are not allowed|did not find expected|could not find expected|cannot unmarshal|(?<![.\w])toml: |TOMLDecodeError|TomlDecodeError|TOML parse|expecting (?:value|property name|','|closing)|error (?:during )?parsing|parse error|parsing (?:error|failed|yaml|json|toml|\[)|(?:failed|unable|could not|cannot|couldn't) (?:to )?(?:parse|decode|unmarshal|deserialize)|error (?:loading|reading|in|parsing) config|unknown (?:directive|keyword|field|key|section|property|option)|unrecogni[sz]ed configuration parameter|invalid command|invalid (?:number of arguments|parameter|directive|value) |is not terminated by|directive is not allowed here|duplicate (?:key|field|entry)|SAXParseException|XMLSyntaxError|malformed|config(?:uration)? file (?:error|is invalid|contains errors)|fatal config file error|errors? found in configuration/i;
const ANY_PATH = /(?:^|[\s"'`([=@:])((?:\/[^\s"'`:,;()\]<>]+)+)/g;
const CONFIG_NAME =
  /(?:^|[\s"'`([=/])([\w-][\w.-]*\.(?:json5?|ya?ml|toml|conf|cfg|ini|properties|xml|hcl|env|cnf|rules|tmpl))(?=$|[\s"'`:,;)\]])/gi;

function textSign(text: string): LogSign | undefined {
  if (!NOT_UNDERSTOOD.test(text)) return undefined;
  const found = [ANY_PATH, CONFIG_NAME].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''));
  const paths = [...new Set(found.map((path) => path.replace(/[.]+$/, '')))];
  if (paths.length === 0 && !/config(?:uration)? file/i.test(text)) return undefined;
  return { kind: 'unreadable-file', paths };
}

const QUOTED = '["\'`]([^"\'`\\n]{1,200})["\'`]';
/** How runtimes quote the text that is no number, duration, address or known word. */
const BAD_VALUE: readonly RegExp[] = [
  new RegExp(
    `(?:pars(?:e|ing)|convert(?:ing)?|decod(?:e|ing)|duration|unmarshal(?:l?ing)?)(?: the)?(?: (?:value|string|input|url))?:? ${QUOTED}`,
    'gi',
  ),
  new RegExp(`for input string: ${QUOTED}`, 'gi'),
  new RegExp(`(?:invalid literal for|could not convert string to)[^:]*: ${QUOTED}`, 'gi'),
  new RegExp(
    `(?:invalid|unknown|bad|unsupported|illegal|unrecogni[sz]ed|malformed|not a valid)(?! (?:response|reply|status|certificate|token|credential|password|user|login|database|host|signature))(?: [\\w-]+){0,4}[:=]? ?\\(?${QUOTED}`,
    'gi',
  ),
  new RegExp(`(?:value|input)[:=]? ?${QUOTED}`, 'gi'),
  new RegExp(`${QUOTED}(?: value)? (?:is not|is an? (?:invalid|unknown|unsupported)|was not in a correct format|cannot be)`, 'gi'),
];

function valueSign(message: string): LogSign | undefined {
  const values = BAD_VALUE.flatMap((pattern) => [...message.matchAll(pattern)].map((match) => match[1] ?? ''));
  return values.length === 0 ? undefined : { kind: 'bad-value', values: [...new Set(values)] };
}

const PATH = '["\'`]?((?:/|\\./)[^\\s"\'`:,;()]+)["\'`]?';
const MISSING_FILE: readonly RegExp[] = [
  // A folder stands where the key of a ConfigMap was to be mounted.
  new RegExp(`(?:is a directory|EISDIR)[^/\\n]{0,40}${PATH}`, 'i'),
  new RegExp(`${PATH}:? \\(?no such file or directory`, 'i'),
  // As nginx says it.
  new RegExp(`\\bopen\\(\\) ${PATH} failed \\(2: no such file or directory`, 'i'),
  new RegExp(`no such file or directory[^/\\n]{0,40}${PATH}`, 'i'),
  new RegExp(
    `(?:could not|cannot|can't|unable to|failed to) (?:find|open|read|load|access|locate)(?: the)?(?: config(?:uration)?)?(?: file| jarfile)? ${PATH}`,
    'i',
  ),
  new RegExp(`(?:file|path|directory) ${PATH} (?:does not exist|not found|is missing)`, 'i'),
  new RegExp(`${PATH}:? (?:file )?not found`, 'i'),
  /cannot find module '([^']+)'/i,
  /no module named '?([\w.]+)'?/i,
  /unable to access jarfile (\S+)/i,
  /could not find or load main class (\S+)/i,
  /([\w./-]+): (?:command )?not found$/i,
  /cannot load such file -- (\S+)/i,
];
const DENIED: readonly RegExp[] = [
  new RegExp(`${PATH}:? \\(?(?:permission denied|operation not permitted)`, 'i'),
  new RegExp(`(?:permission denied|EACCES|EPERM|access to the path|AccessDeniedException:?)[^/\\n]{0,40}${PATH}`, 'i'),
];
/** A file system, or a part of it, that nobody may write to. */
const READ_ONLY: readonly RegExp[] = [
  new RegExp(`(?:EROFS|read-only file ?system|ReadOnlyFileSystem(?:Exception)?)[^/\\n]{0,60}${PATH}`, 'i'),
  new RegExp(`${PATH}[^\\n]{0,60}(?:EROFS|read-only file ?system)`, 'i'),
];
/** Ports below 1024 need a right that a user other than root lacks. */
const PORT_DENIED =
  /(?:bind|listen)[^\n]{0,80}(?::|port )(\d{1,5})\b[^\n]{0,40}(?:permission denied|EACCES|13: )|(?:permission denied|EACCES)[^\n]{0,60}(?:bind|listen)?[^\n]{0,40}(?::|port )(\d{1,4})\b/i;

function fileSign(message: string): LogSign | undefined {
  const find = (patterns: readonly RegExp[]) => patterns.map((pattern) => pattern.exec(message)?.[1]).find((path) => path !== undefined);
  const port = /bind|listen|EACCES/i.test(message) ? PORT_DENIED.exec(message) : null;
  const number = port === null ? undefined : Number(port[1] ?? port[2]);
  if (number !== undefined && number > 0 && number < 1024) return { kind: 'port-denied', port: number };
  const readOnly = /EROFS|read-?only/i.test(message) ? find(READ_ONLY) : undefined;
  if (readOnly !== undefined) return { kind: 'read-only', path: readOnly };
  const denied = find(DENIED);
  if (denied !== undefined) return { kind: 'permission-denied', path: denied };
  // A virtual host of a message broker is written like a path.
  const missing = /\bvhost\b/i.test(message) ? undefined : find(MISSING_FILE);
  // What a stranger asked of a web server is his affair.
  const asked = /request: "[A-Z]+ (\/[^\s"?]*)/.exec(message)?.[1];
  if (asked !== undefined && missing?.endsWith(asked)) return undefined;
  return missing === undefined ? undefined : { kind: 'missing-file', path: missing };
}

const REFUSED =
  /could not be established[^\n]*(?:node|broker) may not be available|connection refused|ECONNREFUSED|actively refused|can't connect to mysql server|connection reset by peer while connecting/i;
const TIMED_OUT =
  /i\/o timeout|ETIMEDOUT|connect(?:ion)? timed? ?out|timed out|timeout (?:exceeded|expired|after)|deadline exceeded|HttpClient\.Timeout|ConnectTimeout|SocketTimeoutException|no route to host|EHOSTUNREACH|network is unreachable|ENETUNREACH|NoRouteToHost|host is unreachable/i;
const IN_USE = /address already in use|EADDRINUSE|port (?:\d+ )?(?:is )?already in use|bind: address in use/i;

/** A line by which a program tells how it is used: `-w SEC  Connect timeout`. */
const USAGE_LINE = /^\s*-{1,2}[A-Za-z][\w-]*(?:[ =][A-Z]+)?\s{1,}[A-Z(]/;

function connectionSign(message: string): LogSign | undefined {
  if (USAGE_LINE.test(message)) return undefined;
  if (IN_USE.test(message)) return { kind: 'address-in-use', port: portIn(message) };
  const refused = REFUSED.test(message);
  if (!refused && !TIMED_OUT.test(message)) return undefined;
  return { kind: refused ? 'connection-refused' : 'timeout', ...(targetIn(message) ?? { host: '' }) };
}

function portIn(message: string): number | undefined {
  // Hours and minutes are no ports.
  const plain = message.replace(/\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?(?![\w:])/g, ' ');
  const port = /(?::|port )(\d{2,5})\b/i.exec(plain)?.[1];
  return port === undefined ? undefined : Number(port);
}

const WORD_HOST = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';
/** A host is taken with its port, in quotes, with dots or as an address: a bare word behind "connect to" may be any word. */
const TARGETS: readonly RegExp[] = [
  new RegExp(`\\b[a-z][a-z0-9+.-]*://(?:[^\\s/@"]*@)?(${WORD_HOST})(?::(\\d{1,5}))?`, 'gi'),
  /server at "([^"]+)"[^\n]*?port (\d{1,5})/gi,
  /host=["']?([a-z0-9.-]+)["']?,? port=(\d{1,5})/gi,
  new RegExp(`server on ["'](${WORD_HOST})(?::(\\d{1,5}))?["']`, 'gi'),
  new RegExp(
    `(?:dial (?:tcp|udp)|connect(?:ing|ion)? to|connect|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|refused:?|reach|server on)(?: address)?[: ]+["']?(${WORD_HOST})(?:/[\\d.]+)?["']?:(\\d{1,5})\\b`,
    'gi',
  ),
  /(?:^|[\s("'=[/])([a-z](?:[a-z0-9.-]*[a-z0-9])?|\d+\.\d+\.\d+\.\d+)(?:\/[\d.]+)?:(\d{2,5})\b/gi,
  /\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b/g,
  new RegExp(
    `(?:connect(?:ing|ion)? to|reach(?:ing)?|contact(?:ing)?|response from)(?: host)? (?:["'](${WORD_HOST})["']|(?=[a-z0-9-]+\\.)(${WORD_HOST}))`,
    'gi',
  ),
];
/** What stands before a colon and a number and is no host: words of messages, and files with their line. */
const NO_HOST =
  /^(?:connect|tcp|udp|to|the|server|database|host|failed|connection|error|lookup|i|o|code|status|line|port|exit|at|pid|id|time|after|ms|read|write|from|localtime)$|\.(?:go|py|js|mjs|cjs|ts|java|kt|rb|rs|c|cc|cpp|cs|php|ex|exs|scala|sh|lua|pl|swift)$/i;

/** Host and port of the other side. */
function targetIn(told: string): { readonly host: string; readonly port?: number | undefined } | undefined {
  // `read udp 10.1.2.3:4567->10.9.8.7:53`: who asks stands before the arrow.
  const message = told.replace(/(?:\[[\da-f:]+\]|\d+(?:\.\d+){3}):\d+->/gi, '');
  for (const pattern of TARGETS)
    for (const [, first, second, third] of message.matchAll(pattern)) {
      const host = first ?? third ?? second;
      const port = first === undefined ? undefined : second;
      if (host !== undefined && !NO_HOST.test(host))
        return { host: host.toLowerCase(), ...(port === undefined ? {} : { port: Number(port) }) };
    }
  return undefined;
}
