/** How much a name gives its value away: `strong` is a secret whatever it looks like, `weak` only when it looks random. */
export type NameSense = 'strong' | 'weak' | 'none';

/** What is secret by itself. */
const SECRET_WORDS = words(
  'password passwd passphrase passcode passe pwd pass pw secret token credential cred psk jwt bearer pgpass pgpassword mysqlpwd bindpw apikey ' +
    'authtoken requirepass masterauth masterpass keypass storepass userpass rootpass dbpass rootpw dbpw htpasswd passwort motdepasse contrasena ' +
    'wachtwoord senha heslo haslo parola salasana losenord adgangskode jelszo lozinka sifre пароль κωδικος 密码 密碼 パスワード 비밀번호 ' +
    'authkey secretkey privatekey accesskey masterkey signingkey encryptionkey sharedkey licensekey accountkey dockerconfigjson mnemonic authtok',
);
/** What no other word may take from: these never name a thing that has a secret beside it. */
const PASSWORDS = words(
  'password passwd passphrase passcode pwd bindpw pgpass pgpassword passwort passe wachtwoord senha contrasena heslo haslo parola salasana losenord ' +
    'adgangskode jelszo lozinka sifre пароль 密码 密碼 パスワード 비밀번호',
);
/** `<word> auth` is what is sent to get in, not how. */
const AUTH_OF = words('redis rediscli db http registry proxy smtp mail docker basic api');
/** `<word> key` is a secret. */
const KEY_OF = words(
  'api access secret private priv signing sign encryption encrypt decryption crypto master account shared storage license hmac aes des ' +
    'rsa ecdsa ed25519 admin root auth service integration client app application write read ingest ingestion subscription session cookie ' +
    'jwt token fernet vault unseal wallet preshared pre bot webhook customer user data recovery backup age sops tls ssl ssh kms live test prod ' +
    'instrumentation activation enrollment enrolment join gossip registration device deploy agent relay merchant partner',
);
/** `<word> key` is none. */
const KEY_NOT_OF = words(
  'public pub cache primary foreign partition sort map config label annotation object idempotency group lookup row hot short type topology ' +
    'by on sorting index storagekey hash dedup metric i18n translation message queue bucket prefix node',
);
/** Secret only when the value looks random. */
const WEAK_WORDS = words(
  'key auth sig signature salt pepper seed hmac session cookie otp totp pin sas keydata authorization pk encrypt appid cvv cvc',
);
/** A name that ends so speaks about a secret: where it is, how long it lives, of which sort it is. */
const ABOUT = words(
  'name names ref refs reference file files path paths dir directory folder mount mounts ttl length len min max policy type types expiry expiration ' +
    'expires expire expired age count counts limit limits enabled enable disabled disable required rotation rotate interval url urls uri uris endpoint host hosts provider version ' +
    'id ids namespace class store format header headers algorithm alg issuer audience audiences timeout seconds minutes hours days period ' +
    'strategy mode kind env prefix suffix size reset field fields label labels selector annotation annotations status state error errors message ' +
    'reason description title hint rule rules check validation validator validate complexity strength attempts retries source from for ' +
    'review reviews requests request response cert certificate pem crt volume projected account accounts controller manager operator ' +
    'created updated changed modified rotated renewed revoked used usage bucket buckets budget percent ratio per second minute bytes at by to ' +
    'encryption projection optional template mapping mappings method methods scope scopes engine backend plugin driver server login user username userid owner ' +
    'encoder encoders hasher generator filter handler helper resolver converter factory provider authenticator manager service services parser property',
);
/** What is added to the name of a secret without making it another thing. */
const MODIFIERS = words(
  'data value values string text plain raw base64 b64 encoded old new current previous default prod production dev test staging main primary secondary next',
);
/** A digest tells nothing of what it was made from, unless that was a password. */
const DIGESTS = words('checksum checksums sha sha1 sha256 sha512 digest etag fingerprint thumbprint integrity revision commit');
/** Counted things with the name of a secret. */
const COUNTED = words('max min num count total used prompt completion input output remaining context budget avg average cached reasoning');
/** Words that end like a secret and are none. */
const INNOCENT = words('compass bypass encompass surpass trespass overpass underpass monkey turkey hockey donkey whiskey jockey keypad');

/** Names come again and again; what they say never changes. */
const KNOWN = new Map<string, NameSense>();
const KNOWN_NAMES = 5_000;

/** What a name says about its value: of a variable, a key of a map, a flag, a header, a directive. */
export function senseOfName(name: string): NameSense {
  const known = KNOWN.get(name);
  if (known !== undefined) return known;
  if (KNOWN.size >= KNOWN_NAMES) KNOWN.clear();
  const sense = judgeName(name);
  KNOWN.set(name, sense);
  return sense;
}

function judgeName(name: string): NameSense {
  const parts = wordsOf(name);
  while (parts.length > 1 && isModifier(parts.at(-1) as string)) parts.pop();
  const last = parts.at(-1);
  if (last === undefined) return 'none';
  if (last === 'id' && parts.length === 2 && parts[0] === 'secret') return 'strong';
  if (ABOUT.has(last) || parts.some((part) => DIGESTS.has(part))) return 'none';
  if (isSecretWord(last)) return /^tokens?$/.test(last) && parts.some((part) => COUNTED.has(part)) ? 'none' : 'strong';
  // `adminPasswordSecretKey` and `userPasswordKey` are the key of a Secret under which a password is kept.
  if (last === 'key' && parts.some((part) => PASSWORDS.has(part))) return 'weak';
  if (parts.some((part) => PASSWORDS.has(part))) return 'strong';
  if (last === 'auth' && AUTH_OF.has(parts.at(-2) ?? '')) return 'strong';
  if (last === 'cookie' && parts.includes('erlang')) return 'strong';
  if (last === 'key') return senseOfKey(parts.at(-2));
  if (WEAK_WORDS.has(last) || (/(?<!public|cache)key$/.test(last) && !INNOCENT.has(last))) return 'weak';
  return parts.some((part) => isSecretWord(part)) ? 'weak' : 'none';
}

/** Whether the name is nothing but one that Kubernetes gives to references (`secret: web-tls`). */
export function namesReference(prefixed: string): boolean {
  const name = prefixed.slice(prefixed.lastIndexOf('/') + 1);
  return (
    /^(?:[\w.-]*[a-z.-])?[sS]ecrets?$/.test(name) &&
    !/^[A-Z0-9_]+$/.test(name) &&
    !/client|app|shared|hmac|consumer|webhook|api|jwt|signing/i.test(name)
  );
}

/** Whether it names a password, which may be a word or a number like another. */
export function namesPassword(name: string): boolean {
  return wordsOf(name).some((part) => PASSWORDS.has(part) || part === 'pass' || part === 'pw');
}

/** Whether it names a short number that lets one in. */
export function namesPin(name: string): boolean {
  return /^(?:pin|otp|totp|cvv|cvc|passcode)$/.test(wordsOf(name).at(-1) ?? '');
}

function senseOfKey(before: string | undefined): NameSense {
  if (before === undefined) return 'weak';
  if (KEY_NOT_OF.has(before)) return 'none';
  return KEY_OF.has(before) || isSecretWord(before) ? 'strong' : 'weak';
}

function isSecretWord(word: string): boolean {
  if (INNOCENT.has(word)) return false;
  if (SECRET_WORDS.has(word) || (word.endsWith('s') && SECRET_WORDS.has(word.slice(0, -1)))) return true;
  if (word.length > 5 && word.endsWith('pass')) return true;
  return word.length > 5 && /(?:password|passwd|passphrase|secret|token|credentials?|apikey|passwort)$/.test(word);
}

function isModifier(word: string): boolean {
  return MODIFIERS.has(word) || /^\d+$/.test(word);
}

function wordsOf(name: string): string[] {
  return folded(name)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d\u0370-\u052f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+/)
    .flatMap((part) => part.replace(/(?<=[a-z]{3})\d{1,2}$/, ''))
    .filter((part) => part !== '');
}

/** Without accents, as names are written where only ASCII may stand. */
function folded(text: string): string {
  return /^[ -~]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
}

function words(list: string): ReadonlySet<string> {
  return new Set(folded(list).split(' '));
}
