/** What stands where a value would be, but is none: a switch, a type, a variable to be filled in, something that was taken out already. */
const NO_VALUE =
  /^(?:true|false|null|none|nil|undefined|yes|no|on|off|~|string|str|text|object|integer|boolean|required|optional|unset|empty|n\/a|unknown|\*+|x{3,}|\.{2,}|-+|\?+|<[^<>="]*>|\$\{[^}]*\}|\$\([^)]*\)|\{\{[^{}]*\}\}|%\([^)]*\)s|\$[A-Za-z_]\w*|%[A-Z_]+%|\[redacted[^\]]*\]|\[removed[^\]]*\]|\[FILTERED\]|REDACTED|ENC\[.*|!vault|(?:vault|ref\+|env|file|secretref|arn:aws:secretsmanager)[:/]\S*)$/is;
/** A place, not what is kept there. */
const PLACE = /^(?:\.{0,2}|~)(?:\/[\w.@%+-]+){2,}\/?$|^(?:\.{1,2}|~)\/[\w.@%+-]+$|^[A-Za-z]:\\[\w\\. -]+$/;
/** Kinds of objects of several words: sentences about an object whose name hints at a secret go on with one. */
const KIND =
  /^(?:ReplicaSet|StatefulSet|DaemonSet|ReplicationController|CronJob|ConfigMap|ServiceAccount|ClusterRole|(?:Cluster)?RoleBinding|NetworkPolicy|PersistentVolume(?:Claim)?|StorageClass|HorizontalPodAutoscaler|PodDisruptionBudget|ResourceQuota|LimitRange|EndpointSlice|IngressClass|HTTPRoute|CustomResourceDefinition|(?:Mutating|Validating)WebhookConfiguration|(?:Cluster)?ExternalSecret|SealedSecret|(?:Cluster)?SecretStore|Vault(?:Static|Dynamic)Secret|PushSecret|HelmRelease|GitRepository|ClusterIssuer|CertificateRequest)(?:[,;.:]?$|\s)/;
/** Names of exceptions and of reasons: what is said after `Caused by:`, or of a key that could not be read. */
const EXCEPTION = /^(?:[a-z_][\w$]*\.)*[A-Z][A-Za-z$]*(?:Exception|Error)[:,;.]?$|^Err[A-Z][A-Za-z]+:?$/;
const QUANTITY = /^-?\d+(?:\.\d+)?(?:%|ms|us|ns|s|m|h|d|[KMGTPE]i?B?|[mkun])?$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^(?:0x)?[0-9a-f]+$/i;
const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?$/;
const ADDRESS = /^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]*:[0-9a-f:]+)(?::\d+|\/\d+)?$/i;
/** A name as Kubernetes gives them, with a namespace before it or not. */
const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?:\/[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)?$/;

const NAME_PART = /^(?:[a-z]{0,14}|v?\d{1,4}|[a-z]{2,10}\d{1,3}|s3|k[38]s|e2e|b2[bc]|i18n|p2p|h2)$/;
/** What Kubernetes adds to names: letters and digits that make no words. */
const GENERATED = /^(?:[bcdfghjklmnpqrstvwxz2456789]{5}|[bcdfghjklmnpqrstvwxz2456789]{8,10})$/;

/** Where code keeps what it was given. */
const ROOTS =
  'var|local|data|module|self|this|os|process|System|req|request|response|config|settings|env|ENV|ctx|context|params|each|secrets|vars|inputs|' +
  'steps|github|app|options|opts|args|props|state|\\.?Values';
/** What code fetches a value from, or calls to get it. Quotes may have ended what was read, so a bracket may be left open. */
const CODE = new RegExp(
  `^(?:await|new|!Ref|!GetAtt|!Sub|!ImportValue)(?:\\s+[A-Za-z_$][\\w$.:]*(?:\\(.*)?)?$|^[A-Za-z_$][\\w$.:>-]{0,80}[([](?:$|["'\`)])|^(?:${ROOTS})(?:\\.[A-Za-z_$][\\w$]*)+(?:[[(].*)?[(),;]*$`,
);

/** Whether it is an expression of a program, not a value. */
function isCode(value: string): boolean {
  return CODE.test(value);
}

/** Words that say how it stands with a secret. */
const STATE =
  /^(?:in)?valid$|^(?:expired|missing|revoked|present|absent|rejected|denied|incorrect|accepted|verified|mismatch|refreshed|renewed|rotated|authenticated|unauthorized|forbidden|configured|set|ok)[.,;!]?$/i;

/** Whether it says how it stands with a secret (`token: expired`). */
export function isState(value: string): boolean {
  return STATE.test(value);
}

/** Words of a wallet's recovery phrase: twelve to twenty-four short ones (BIP 39). */
export function isRecoveryPhrase(value: string): boolean {
  return /^(?:[a-z]{3,8}[ \t]+){11,23}[a-z]{3,8}$/.test(value);
}

/** Whether something stands there at all that could be a secret. */
export function isPlausible(value: string): boolean {
  const trimmed = value.trim();
  return (
    trimmed !== '' && !NO_VALUE.test(trimmed) && !KIND.test(trimmed) && !EXCEPTION.test(trimmed) && !PLACE.test(trimmed) && !isCode(trimmed)
  );
}

export function isQuantity(value: string): boolean {
  return QUANTITY.test(value) || INSTANT.test(value) || ADDRESS.test(value);
}

/** Whether it reads as the name of an object made of words: `web-tls`, `cert-manager/webhook-ca`. */
export function isObjectName(value: string): boolean {
  const parts = value.split(/[^a-z0-9]+/);
  return (
    OBJECT_NAME.test(value) && parts.every((part, at) => NAME_PART.test(part) || (at >= parts.length - 2 && at > 0 && GENERATED.test(part)))
  );
}

/** Words of ordinary language that a message is made of and a passphrase hardly is. */
const PROSE =
  /\b(?:is|are|was|were|has|have|had|must|not|no|the|a|an|be|been|to|of|with|for|from|in|on|at|does|did|do|cannot|can|could|should|will|failed|failure|invalid|expired|required|missing|incorrect|wrong|denied|mismatch|found|length|characters|authentication|unauthorized|error|and|or|by|too|already|after|before)\b/i;

/** Whether it is a sentence rather than a value. */
export function isProse(value: string): boolean {
  const list = value.trim().split(/\s+/);
  if (list.length < 2) return false;
  const plain = list.filter((word) => /^[("'`]?[A-Za-z][a-z'-]*[)"'`]?[.,:;!?]?$/.test(word)).length;
  return plain >= list.length - 1 && (PROSE.test(value) || list.length > 6);
}

/** Whether it is one ordinary word in lower case (or with a capital), as messages have them. */
export function isWord(value: string): boolean {
  return /^[A-Za-z]?[a-z]{1,15}[.!]?$/.test(value);
}

/** Whether it looks made by chance, given that its name hints at it. Digests by their length count, ids and names of objects do not. */
export function looksRandom(text: string): boolean {
  const value = text.replace(/[:;,]+$/, '');
  if (/^[a-z]+(?:[_-][a-z]+)+$/.test(value)) return false;
  if (value.length < 10 || value.length > 4096 || /\s/.test(value)) return false;
  if (UUID.test(value) || isQuantity(value) || value.split('/').every(isObjectName) || isHarmlessForm(value)) return false;
  if (HEX.test(value)) return value.length >= 16 && /\d/.test(value) && /[a-f]/i.test(value);
  if (!/^[\w+/=.~!@#$%^&*()?,:;|<>{}[\]-]+$/.test(value)) return false;
  const classes = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter((shape) => shape.test(value)).length;
  return classes >= 2 && changesOf(value) >= 0.2;
}

/** Whether it looks made by chance although nothing around it hints at that: long, of all sorts of letters, and no word in it. */
export function isSurelyRandom(token: string): boolean {
  const bare = withoutIssuer(token.replace(/=+$/, ''));
  if (/^[0-9a-f]{40,128}$/.test(bare) && ISSUED.test(token)) return changesOf(bare) >= 0.25;
  if (bare.length < 24 || bare.length > 512 || isHarmlessForm(token) || HEX.test(bare) || UUID.test(bare)) return false;
  if (/^[A-Za-z0-9+/_]+$/.test(bare) && /[a-z]/.test(bare) && /[A-Z]/.test(bare) && /\d/.test(bare)) {
    return (
      (isPadded(token) || Math.max(...bare.split('/').map((segment) => segment.length)) >= 16) &&
      changesOf(bare) >= 0.3 &&
      digitsOf(bare) >= 0.05
    );
  }
  if (/^[a-z0-9]+$/.test(bare) || /^[A-Z0-9]+$/.test(bare)) return bare.length >= 32 && changesOf(bare) >= 0.25 && digitsOf(bare) >= 0.12;
  return false;
}

/** What issuers put before what chance made, in their fashion: `abc_`, `ab1_live_`; names of digests look the same. */
const ISSUED =
  /^(?!(?:sha|md|blake|crc|git|rev|commit|hash|digest|sum|id|uid|ref|v)\d{0,3}[a-z]?_)[a-z][a-z0-9]{1,9}_(?:[a-z0-9]{1,8}_){0,2}/;

function withoutIssuer(token: string): string {
  return token.replace(ISSUED, '');
}

/** Base64 of 30 bytes and more with its filling: no path ends so. */
function isPadded(token: string): boolean {
  return token.length >= 40 && token.length % 4 === 0 && token.endsWith('=');
}

/** What is made by chance or reckoning and is public: checksums of packages, keys of other people, certificates, what is sealed for a cluster. */
function isHarmlessForm(value: string): boolean {
  if (/^(?:req|msg|evt|run|trace|span|job|task|resp|call)_[A-Za-z0-9]{16,40}$/.test(value)) return true;
  return /^(?:sha(?:1|224|256|384|512)[:-]|SHA256:|md5:|blake\w*:|AAAA(?:B3NzaC1|C3NzaC1|E2VjZHNh)|LS0tLS1CRUdJTiBDRVJUSUZJQ0FU|LS0tLS1CRUdJTiBQVUJMSUMg|MII[CDEFGH][\w+/]{2}CCA|h1:|Ag[A-D][\w+/]{300})/.test(
    value,
  );
}

/** How often the sort of letter changes, by length; a capital that begins a word is no change. Random base 62: 0.45; words: below 0.2. */
function changesOf(value: string): number {
  let changes = 0;
  for (let at = 1; at < value.length; at++) {
    const [before, now] = [sortOf(value.charCodeAt(at - 1)), sortOf(value.charCodeAt(at))];
    if (before !== now && !(before === 'upper' && now === 'lower')) changes += 1;
  }
  return changes / value.length;
}

function digitsOf(value: string): number {
  return value.replace(/\D/g, '').length / value.length;
}

function sortOf(code: number): 'lower' | 'upper' | 'digit' | 'other' {
  if (code >= 97 && code <= 122) return 'lower';
  if (code >= 65 && code <= 90) return 'upper';
  return code >= 48 && code <= 57 ? 'digit' : 'other';
}
