import { isPlausible, looksRandom } from './secret-value.ts';
import type { Span } from './span.ts';

/** A form that a secret has wherever it stands. The group `secret` is what is taken out; without one, all of it. */
interface Shape {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Without one of these nothing is found; looking for them is quick. */
  readonly hints: readonly (string | RegExp)[];
  /** Whether what was found is one after all. */
  readonly holds?: (secret: string, match: RegExpExecArray) => boolean;
}

const KEY_BLOCK = '(?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OPENVPN STATIC KEY V1|OpenVPN Static key V1)';

const SHAPES: readonly Shape[] = [
  {
    // Whatever stands between the lines: line breaks, escapes, prefixes of a log. Without an end it reaches to where letters end that a key has.
    kind: 'private-key',
    hints: ['-----BEGIN'],
    pattern: new RegExp(
      `-----BEGIN ${KEY_BLOCK}-----(?:[\\s\\S]{0,20000}?-----END ${KEY_BLOCK}-----|(?:[\\sA-Za-z0-9+/=\\\\:,"'.|>-]|Proc-Type|DEK-Info){0,20000})`,
      'g',
    ),
  },
  {
    kind: 'private-key',
    hints: ['MII', 'MHcC', 'MIG', 'MC4C'],
    pattern:
      /\b(?:MIIE[voxpqrs]|MIIJ[KQ]|MIICX|MIICd|MIICW|MIIBU|MIIBV|MHcCAQEE|MIGHAgEA|MIG2AgEA|MC4CAQA)[\w+/]{40,4096}(?:(?:\\[nr]|[\s"',+]){1,20}[\w+/]{20,4096}){0,400}={0,2}/g,
  },
  { kind: 'private-key', hints: ['PuTTY-'], pattern: /PuTTY-User-Key-File-\d[\s\S]{0,20000}?Private-MAC: ?\w+/g },
  { kind: 'jwt', hints: ['eyJ'], pattern: /\beyJ[\w-]{8,1024}\.(?:[\w-]{2,16384})(?:\.[\w-]*){0,3}/g },
  {
    kind: 'url-credentials',
    hints: ['://'],
    pattern: /\b[a-z][a-z0-9+._-]{0,30}:\/\/(?<secret>(?:(?!:\/\/)[^\s@"'<>`\\]|@(?=[^\s@"'<>`\\/,]{1,256}@)){1,1024})@(?=[\w.[$%-])/gi,
    holds: (user, match) => isUserinfo(user, match[0]),
  },
  {
    kind: 'dsn',
    hints: ['@'],
    pattern:
      /(?<![\w/:.-])[\w.-]{1,64}:(?<secret>(?!\/\/)[^\s:@"'<>`]{1,256})@(?:(?:tcp|unix|udp|tcp6)\(|\/\w|(?!sha\d)[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,63}){0,6}(?::\d{2,5}\b|\/\w))/gi,
    holds: (secret) => isPlausible(secret),
  },
  {
    // Before `@tcp(` nothing but the password stands, whatever letters it has.
    kind: 'dsn',
    hints: ['@tcp', '@unix(', '@udp('],
    pattern: /(?<![\w/.-])[\w.-]{1,64}:(?<secret>[^\s"'<>`]{1,256}?)@(?:tcp|unix|udp|tcp6)\(/g,
    holds: (secret) => isPlausible(secret),
  },
  {
    // A host without anything after it: only what is no word, version or name.
    kind: 'dsn',
    hints: [/[!$%^&*+=~?#][^\s:@"'<>`]{0,255}@/],
    pattern: /(?<![\w/:.@-])[\w.-]{1,64}:(?<secret>(?!\/\/)[^\s:@"'<>`]{6,256})@[a-z0-9](?:[\w-]{0,62}[a-z0-9])?(?![\w@])/gi,
    holds: (secret) => isPlausible(secret) && /[A-Za-z]/.test(secret) && /\d/.test(secret) && /[!$%^&*+=~?#]/.test(secret),
  },
  {
    kind: 'authorization',
    hints: ['uthorization', 'UTHORIZATION'],
    pattern:
      /(?<![\w-])(?:proxy-)?authorization\\*["']?\s{0,4}(?::|=>|=|,)\s{0,4}\\*["']?(?:(?:basic|bearer|token|digest|negotiate|ntlm|apikey|api-key|aws4-hmac-sha256|ssws|splunk|genie\w*|key|hmac)[\s=:]{1,4})?(?<secret>[^\s"'\\,;<>}]{4,}(?:[ ,;]{1,2}(?:username|realm|nonce|uri|qop|nc|cnonce|response|opaque|algorithm|credential|signedheaders|signature|keyid|headers|oauth_\w{1,20})=(?:\\*"[^"\\]{1,2000}\\*"|[^\s"'\\,]{1,2000})){0,16})/gi,
    holds: (secret) => isPlausible(secret) && (/[^a-z.:!-]/i.test(secret) || secret.length > 24),
  },
  {
    kind: 'authorization',
    hints: ['igest', 'IGEST', 'HMAC', 'OAuth'],
    pattern:
      /\b(?:digest|oauth|hawk|aws4-hmac-sha256)\s{1,4}(?<secret>(?:[\w-]{1,40}=(?:\\{0,4}"[^"\\\n]{0,2000}\\{0,4}"|[^\s"'\\,]{1,2000})[,;]?\s{0,4}){2,20})/gi,
  },
  {
    kind: 'bearer',
    hints: ['earer', 'EARER'],
    pattern: /\bbearer\\*["']?[\s:=]{1,8}\\*["']?(?<secret>[\w.~+/-]{8,}=*)/gi,
    holds: (secret) => /\d/.test(secret) && isPlausible(secret),
  },
  {
    kind: 'basic-auth',
    hints: ['asic', 'ASIC'],
    pattern: /\bbasic\s{1,4}(?<secret>[A-Za-z0-9+/]{6,2000}={0,2})/gi,
    holds: (secret) => /^[ -~]*:[ -~]*$/.test(decoded(secret) ?? ''),
  },
  {
    kind: 'cookie',
    hints: ['ookie', 'OOKIE'],
    pattern: /\b(?:set-)?cookie\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?(?<secret>[^\n"\\]{1,8192})/gi,
    holds: holdsSession,
  },
  {
    kind: 'password-hash',
    hints: ['$1$', '$2', '$5$', '$6$', '$7$', '$y$', '$gy$', '$apr1$', '$argon2', '$scrypt$', '$bcrypt-', '$pbkdf2'],
    pattern: /\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2(?:id|i|d)|scrypt|bcrypt-sha256|pbkdf2(?:-sha\d+)?)\$[\w./+=,$*-]{12,512}/g,
  },
  {
    kind: 'password-hash',
    hints: ['{SHA', '{SSHA', '{MD5', '{SMD5', '{CRYPT', '{PBKDF2', '{ARGON2'],
    pattern: /\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2\w*|ARGON2)\}[\w+/=.$-]{16,512}/g,
  },
  { kind: 'password-hash', hints: ['SCRAM-'], pattern: /\bSCRAM-SHA-(?:1|256|512)\$\d+:[\w+/=]{8,100}\$[\w+/=]{8,100}:[\w+/=]{8,100}/g },
  {
    kind: 'password-hash',
    hints: ['pbkdf2', 'argon2', 'scrypt'],
    pattern: /\b(?:pbkdf2_sha256|pbkdf2_sha1|argon2|scrypt:\d+:\d+:\d+|pbkdf2:sha\d+:\d+)\$[\w+/=.$:-]{20,512}/g,
  },
  {
    kind: 'pgpass',
    hints: [/:(?:\d{2,5}|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:/],
    pattern: /(?<![^\s"'])[\w.*-]{1,253}:(?:\d{2,5}|\*):[\w.*-]{1,63}:[\w.*-]{1,63}:(?<secret>[^\s"'\\]{1,256})(?=\\[nr]|["'\s]|$)/gm,
    // Six pairs of hexadecimal digits are the address of a network card; two digits and two are an hour.
    holds: (_, match) => !/^(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}$|^\d{1,2}:\d\d:/i.test(match[0]),
  },
  {
    kind: 'netrc',
    hints: ['password'],
    pattern:
      /\b(?:machine\s{1,8}\S{1,253}|default)\s{1,32}(?:login\s{1,8}\S{1,128}\s{1,32})?(?:account\s{1,8}\S{1,128}\s{1,32})?password\s{1,8}(?<secret>\S{1,512})/g,
  },
  {
    kind: 'sql',
    hints: ['dentified', 'DENTIFIED', 'assword', 'ASSWORD'],
    pattern:
      /\b(?:identified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?by|(?:with\s{1,4})?(?:encrypted\s{1,4})?password|set\s{1,4}password(?:\s{1,4}for\s{1,4}\S{1,80})?\s{0,4}=)\s{1,4}(?:password\(\s{0,2})?(?<quote>['"])(?<secret>[^'"\n]{1,256})\k<quote>/gi,
  },
  {
    kind: 'password',
    hints: ['@'],
    pattern: /(?<![\w.@/:-])[\w.+-]{1,64}@[a-z0-9][\w-]{0,62}(?:\.[\w-]{1,63}){1,6}:(?<secret>[^\s/:@"'<>,;]{6,256})(?![\w/])/gi,
    holds: (secret) => looksRandom(secret) || (/\d/.test(secret) && /[A-Z!#%*]/i.test(secret) && !/\./.test(secret)),
  },
  {
    kind: 'password',
    hints: ['USER', 'CREDENTIALS', 'AUTH'],
    pattern: /[A-Z_](?:USER|USERPASS|CREDENTIALS|AUTH)=["']?[\w.-]{1,64}:(?<secret>[^\s"'\\/:]{3,256})(?=["'\s\\]|$)/gm,
    holds: (secret) => isPlausible(secret) && !/^\d{1,5}$/.test(secret),
  },
  {
    // The last argument of what logs in, as code writes it.
    kind: 'password',
    hints: ['SecureString', 'Credential', 'getConnection', 'connect', 'auth', 'Auth', 'login', 'Login'],
    pattern:
      /(?:\bConvertTo-SecureString|\b\w*Credentials?|\.getConnection|->connect|[.:](?:set)?(?:basic|plain)?(?:auth|login|authenticate))(?:\(|\s{1,4})\s{0,4}(?:["'][^"'\n]{0,256}["']\s{0,4},\s{0,4}){0,3}["'](?<secret>[^"'\n]{3,256})["']\s{0,4}(?:\)|-AsPlainText)/gi,
    holds: (secret) => isPlausible(secret) && (/\d/.test(secret) || secret.length > 11) && !/\s|:\/\//.test(secret),
  },
  {
    kind: 'password',
    hints: ['community', 'createUser', '* "'],
    pattern:
      /^[ \t]{0,20}(?:r[ow]community6?\s{1,8}|createUser\s{1,8}\S{1,64}\s{1,8}(?:MD5|SHA[\d-]{0,5})\s{1,8}|"[^"\n]{1,64}"\s{1,8}\*\s{1,8}(?="))"?(?<secret>[^\s"]{4,128})/gm,
    holds: (secret) => isPlausible(secret) && secret !== 'public' && secret !== 'private',
  },
  {
    kind: 'password',
    hints: ['oracle:'],
    pattern: /\boracle:(?:thin|oci8?|kprb):[\w.$#-]{1,64}\/(?<secret>[^\s"'`]{1,256}?(?=@\/\/)|[^\s@"'`]{1,256}(?=@))/gi,
    holds: (secret) => isPlausible(secret),
  },
  {
    kind: 'password',
    hints: ['chpasswd'],
    pattern: /["'\s][\w.-]{1,64}:(?<secret>[^\s'"|\\]{1,256})\\{0,4}['"]?\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?chpasswd\b/g,
    holds: (secret) => isPlausible(secret),
  },
  {
    kind: 'password',
    hints: ['net user ', 'net.exe user '],
    pattern: /\bnet(?:\.exe)?\s{1,4}user\s{1,4}[\w.$-]{1,64}\s{1,4}(?<secret>[^\s/"'][^\s"']{0,127})(?=\s{1,4}\/|\s*$)/gm,
    holds: (secret) => isPlausible(secret),
  },
  {
    // What a client of Redis, SMTP or FTP says: a line of its own.
    kind: 'password',
    hints: ['AUTH ', 'PASS '],
    pattern: /^(?:[<>-]{1,3} ?)?(?:AUTH(?: (?!LOGIN$)[\w.-]{1,64})?|PASS) (?<secret>[^\s"']{6,512})$/gm,
    holds: (secret) => /\d/.test(secret) && /[A-Za-z]/.test(secret) && !/[/.]/.test(secret),
  },
  {
    // What SMTP and IMAP clients send to get in: base64 after the method.
    kind: 'authorization',
    hints: ['PLAIN ', 'plain ', 'LOGIN ', 'login ', 'OAUTH', 'oauth', 'CRAM-MD5 ', 'cram-md5 ', 'NTLM ', 'EXTERNAL '],
    pattern:
      /\bauth(?:enticate)?\s{1,4}(?:plain|login|xoauth2|oauthbearer|cram-md5|ntlm|external)\s{1,4}(?<secret>[A-Za-z0-9+/]{8,4096}={0,2})(?![\w-])/gi,
    holds: (secret) => (decoded(secret) ?? '').includes('\0') || (secret.length % 4 === 0 && /\d|=$/.test(secret) && /[a-z]/.test(secret)),
  },
  {
    // What a script types where it is asked for a password.
    kind: 'password',
    hints: ['expect'],
    pattern:
      /\bexpect\b[^\n]{0,80}?ass(?:word|phrase)[^\n]{0,40}?(?:\r?\n|\\n|[{;])\s{0,20}(?:exp_)?send(?:line|_user)?\s{1,4}(?:--\s{1,4})?\\*["'](?<secret>[^"'\\\n]{3,256})/g,
    holds: (secret) => isPlausible(secret),
  },
  {
    // `stats auth admin:x` of a proxy, `auth_basic user:x`, `userpwd a:x`.
    kind: 'password',
    hints: ['tats auth', 'asic', 'ASIC', 'ttp_auth', 'ttp-auth', 'ttpauth', 'TTP_AUTH', 'userpwd', 'USERPWD'],
    pattern: /\b(?:stats\s{1,4}auth|basic[_-]?auth|http[_-]?auth|userpwd)[\s"'=:]{1,4}[\w.@-]{1,64}:(?<secret>[^\s"'\\:/]{3,256})/gi,
    holds: (secret) => isPlausible(secret) && !/^\d{1,5}$/.test(secret),
  },
  {
    // Users of Redis: `user app on >x`, `ACL SETUSER app on >x`.
    kind: 'password',
    hints: [' >'],
    pattern: /\b(?:user|setuser)\s{1,4}[^\s>]{1,64}(?:\s{1,4}[^\s>]{1,64}){0,12}\s{1,4}>(?<secret>[^\s"'\\]{3,256})/gi,
    holds: (secret, match) =>
      isPlausible(secret) &&
      /\s(?:on|off|reset|nopass|[~+&@]\S*|allkeys|allcommands)(?:\s|$)/.test(
        match.input.slice(match.index, match.index + match[0].length + 40),
      ),
  },
  {
    // The third argument of what connects, as PHP writes it and as its traces print it.
    kind: 'password',
    hints: ['PDO', 'mysqli', 'connect(', 'ldap_bind', 'ftp_login', 'imap_open', 'auth_password', 'DBI->'],
    pattern:
      /\b(?:(?:PDO|mysqli)(?:->|::)(?:__construct|real_connect|connect)|(?:mysqli|mysql|odbc|sqlsrv|ifx|sybase|mssql)_p?(?:real_)?connect|DBI->connect(?:_cached)?|ldap_bind|ftp_login|imap_open|ssh2_auth_password)\(\s{0,4}(?:(?:'[^'\n]{0,256}'|"[^"\n]{0,256}"|[$\w#() ]{1,64})\s{0,4},\s{0,4}){2}\\*["'](?<secret>[^"'\n\\]{1,256})/g,
    holds: (secret) => isPlausible(secret),
  },
  {
    kind: 'password',
    hints: ['onnect to ', 'ONNECT TO '],
    pattern: /\bconnect\s{1,4}to\s{1,4}\S{1,128}\s{1,4}user\s{1,4}\S{1,64}\s{1,4}using\s{1,4}["']?(?<secret>[^\s"';]{1,256})/gi,
    holds: (secret) => isPlausible(secret),
  },
  {
    // What a shell hands to a program that asks for a password.
    kind: 'password',
    hints: ['echo ', 'printf '],
    pattern:
      /\b(?:echo|printf)\s{1,4}(?:-\w{1,3}\s{1,4})?\\*["']?(?<secret>[^\s"'|\\$`]{3,256})\\*["']?\s{0,4}\|\s{0,4}(?:sudo\s{1,4})?(?:kinit|sudo\s{1,4}-S|su\s|passwd\s{1,4}--stdin|cryptsetup|smbpasswd|gpg\s[^|\n]{0,80}--passphrase-fd|[^|\n]{1,200}--password-stdin)/g,
    holds: (secret) => isPlausible(secret),
  },
  { kind: 'password', hints: ['<<"'], pattern: /\b\w{0,40}pass(?:word|wd)?\s{0,4},\s{0,4}<<"(?<secret>[^"\n]{1,256})">>/g },
  {
    // A user and a password after the word for getting in.
    kind: 'password',
    hints: ['log in', 'login', 'Login', 'sign in', 'Sign in', 'redentials'],
    pattern:
      /\b(?:log in|login|sign in|credentials)\b[^\n:/]{0,24}[: ]\s{0,2}[A-Za-z][\w.-]{1,32} ?[:/] ?(?<secret>[^\s"'<>,;:/()]{6,128})(?=[\s"'.,]|$)/gi,
    holds: (secret) =>
      isPlausible(secret) && /\d/.test(secret) && /[a-z].*[a-z]/.test(secret) && /[A-Z!#$%^&*+?]/.test(secret) && !/\.\w+\./.test(secret),
  },
  {
    kind: 'recovery-phrase',
    hints: ['nemonic', 'NEMONIC', 'phrase', 'Phrase', 'PHRASE', 'seed', 'Seed', 'SEED'],
    pattern:
      /(?:mnemonic|(?:seed|recovery|secret|backup)[ _-]?(?:phrase|words)|seed)\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?(?<secret>(?:[a-z]{3,8}[ ]){11,23}[a-z]{3,8})(?![a-z ]{0,2}[a-z])/gi,
  },
  { kind: 'otp', hints: ['otpauth'], pattern: /otpauth:\/\/\S{0,200}?[?&]secret=(?<secret>[A-Z2-7=]{8,256})/gi },
  {
    kind: 'signature',
    hints: ['sig', 'Sig', 'oken', 'hmac', 'AWSAcc', 'SIG'],
    pattern:
      /[?&](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token|awsaccesskeyid|hmac)=(?<secret>[\w%+/=.-]{12,2048})/gi,
  },
  // RFC 7517: a key in JSON always says its `kty`.
  { kind: 'jwk', hints: ['kty'], pattern: /"(?:d|p|q|dp|dq|qi|k)"\s{0,4}:\s{0,4}"(?<secret>[\w-]{22,1400})"/g },
  {
    kind: 'session',
    hints: ['SESS', 'sess', 'Sess', 'csrf', 'connect.sid'],
    pattern:
      /\b(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|connect\.sid|sessionid|csrftoken|laravel_session|_session_id)=(?<secret>[\w%.+/-]{8,512})/g,
  },
];

const PROGRAMS: string[] = [];

/** Programs that take a password in a flag which does not say so. */
const PROGRAM_FLAGS: readonly Shape[] = [
  flag('mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mysqlsh|xtrabackup|mycli', '-p'),
  flag('zip|unzip', '-P\\s{0,4}'),
  flag('7z|7za|7zz|rar|unrar', '-h?p'),
  flag('codecov|codecovcli', '-t[ =]{1,4}'),
  flag('sshpass|mosquitto_pub|mosquitto_sub|pika|plink|pscp', '-p\\s{0,4}|-P\\s{0,4}|-pw\\s{1,4}'),
  flag(
    'curl|http|httpie|wget|ab|skopeo|crane|hey',
    '(?:-u|--user|-U|--proxy-user|--src-creds|--dest-creds|--creds|-a|--auth|-A)[ =]{1,4}[^\\s:]{1,128}:',
  ),
  flag('redis-cli|keydb-cli|valkey-cli|redis-benchmark', '(?:-a|--pass)[ =]{1,4}'),
  flag(
    'docker|podman|nerdctl|helm|oras|buildah|az|oc|cf|buildctl|crane|regctl|argocd|psql|mongo|mongosh|mongodump|mongorestore|sqlcmd|bcp|impala-shell|beeline',
    '-p[ =]{0,4}|-P\\s{1,4}|-w\\s{1,4}',
  ),
  flag('ldapsearch|ldapadd|ldapmodify|ldapwhoami|ldapdelete|ldappasswd|ldapcompare', '-w\\s{0,4}'),
  flag('htpasswd', '(?:-\\w{0,8}\\s{1,4}){1,6}(?:\\S{1,200}\\s{1,4}){1,2}', true),
  flag('openssl|keytool', '(?:-pass|-passin|-passout|-k|-K|-storepass|-keypass|-srcstorepass|-deststorepass)\\s{1,4}(?:pass:)?'),
  flag('smbclient|smbget|mount\\.cifs|net', '(?:-U|--user)[ =]{1,4}[^\\s%]{1,128}%'),
  flag('rabbitmqctl', '(?:add_user|change_password|authenticate_user)\\s{1,4}\\S{1,80}\\s{1,4}'),
  flag('sqlplus|sqlldr|sqlcl|expdp|impdp|rman', '[\\w.$]{1,64}/'),
  flag('mc', '(?:alias set|config host add|admin user add)\\s{1,4}\\S{1,80}\\s{1,4}(?:\\S{1,200}\\s{1,4})?\\S{1,80}\\s{1,4}', true),
  flag('vault|bao', 'login\\s{1,4}(?:-\\S{1,80}\\s{1,4}){0,4}'),
  flag('kubectl|oc', '--from-literal[ =]{1,4}[^\\s=]{1,128}=', false, 'create\\s{1,4}secret'),
  flag('ipmitool|snmpget|snmpwalk|snmpset', '-P\\s{1,4}|-c\\s{1,4}|-A\\s{1,4}|-X\\s{1,4}'),
  flag('etcdctl|influx|nats|cqlsh|clickhouse-client|proxysql', '(?:--user[ =][^\\s:]{1,128}:|-p\\s{1,4}|-u\\s{1,4}[^\\s:]{1,128}:)'),
];

/** `program ... flag SECRET`, on one line, whatever other flags stand between. */
function flag(programs: string, flags: string, last = false, first = ''): Shape {
  PROGRAMS.push(programs);
  const between = `(?:[ =]{1,4}|\\\\{0,4}["'],\\s{0,20}\\\\{0,4}["']|["']?\\n[ \\t]{0,40}- ["']?)`;
  const gap = '(?:[^\\n|;&]{0,400}?[\\s"\',])??';
  return {
    kind: 'flag',
    hints: [new RegExp(`(?<![\\w-])(?:${programs})[\\s"',]`)],
    pattern: new RegExp(
      `(?<![\\w-])(?:${programs})(?:\\s{1,4}${first || ''}|["',\\s]{1,6})${gap}(?:${flags.replaceAll('[ =]{1,4}', between)})["']?(?<secret>[^\\s"'\\n|;&,]{1,256})${last ? '(?=["\']?\\s{0,4}(?:$|[|;&\\n"\']))' : ''}`,
      'g',
    ),
    holds: (secret) =>
      isPlausible(secret) && !secret.startsWith('-') && !/^(?:\d{1,5}|[\d.]{1,15}:[\d:-]{1,24})(?:\/(?:tcp|udp|sctp))?$/.test(secret),
  };
}

const ANY_PROGRAM = new RegExp(`(?<![\\w-])(?:${PROGRAMS.join('|')})[\\s"',]`);

/** Everything that has the form of a secret by itself. */
export function findShapes(text: string): readonly Span[] {
  const spans: Span[] = [];
  for (const shape of SHAPES) spans.push(...matches(text, shape));
  spans.push(...tailsOfKeys(text));
  if (ANY_PROGRAM.test(text)) for (const shape of PROGRAM_FLAGS) spans.push(...matches(text, shape));
  return spans;
}

const END_OF_KEY = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----/g;
const OF_KEY = /[\w+/=\s\\"',.>|-]/;

/** Keys whose head was cut off: everything before the last line that a key can hold. */
function tailsOfKeys(text: string): readonly Span[] {
  if (!text.includes('-----END')) return [];
  const spans: Span[] = [];
  let done = 0;
  for (const match of text.matchAll(END_OF_KEY)) {
    let from = match.index;
    while (from > done && match.index - from < 20_000 && OF_KEY.test(text[from - 1] as string)) from--;
    done = match.index + match[0].length;
    const cut = text.slice(from, match.index).search(/[\w+/=]{40}/);
    if (cut !== -1) spans.push({ from: from + cut, to: match.index + match[0].length, kind: 'private-key' });
  }
  return spans;
}

function matches(text: string, { kind, hints, pattern, holds }: Shape): readonly Span[] {
  if (!hints.some((hint) => (typeof hint === 'string' ? text.includes(hint) : hint.test(text)))) return [];
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern) as IterableIterator<RegExpExecArray>) {
    const secret = match.groups?.secret ?? match[0];
    if (secret.startsWith('[redacted') || (holds !== undefined && !holds(secret, match))) continue;
    const from = match.index + (match.groups?.secret === undefined ? 0 : match[0].lastIndexOf(secret));
    spans.push({ from, to: from + secret.length, kind });
  }
  return spans;
}

/** Whether what stands before the `@` of an address is a user with a password, or a token; a path may hold an `@` too. */
function isUserinfo(user: string, match: string): boolean {
  const slash = user.search(/[/?#]/);
  const head = slash === -1 ? user : user.slice(0, slash);
  const colon = head.indexOf(':');
  if (colon === -1) return slash === -1 && !/^(?:git|[a-z][a-z._-]{0,15})$/.test(user) && isPlausible(user);
  const password = user.slice(colon + 1);
  if (slash !== -1 && (/^\d{1,5}$/.test(head.slice(colon + 1)) || head.includes('.'))) return false;
  return isPlausible(password) && !match.includes('[redacted');
}

/** What a cookie says of itself. */
const OF_COOKIE = /^(?:path|domain|expires|max-age|samesite|secure|httponly|partitioned|priority|version)$/i;

/** Whether one of the cookies is more than a setting (`theme=dark`). */
function holdsSession(cookies: string): boolean {
  return cookies.split(/;\s*/).some((pair) => {
    const [name = '', value = ''] = [pair.slice(0, Math.max(0, pair.indexOf('='))).trim(), pair.slice(pair.indexOf('=') + 1).trim()];
    return name !== '' && value !== '' && !OF_COOKIE.test(name) && !/^(?:[a-z]{1,11}|\d{1,4}|[a-z]{2}[-_][A-Za-z]{2})$/i.test(value);
  });
}

const BINARY = /[^\P{Cc}\s]/u;

/** The text that base64 stands for; undefined when it stands for none. */
export function decoded(text: string): string | undefined {
  const bytes = Buffer.from(text, /[-_]/.test(text) ? 'base64url' : 'base64');
  const plain = bytes.toString('utf8');
  const isText = plain.length > 0 && !plain.includes('\ufffd') && !BINARY.test(plain);
  return isText ? plain : undefined;
}

const BASE64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{12,}={0,2}(?:\\?[\r\n]{1,2}[ \t]{0,20}[A-Za-z0-9+/_-]{12,}={0,2}){0,400}/g;

/** Runs of base64 that stand for a text in which `isSecret` finds something. */
export function findEncoded(text: string, isSecret: (plain: string) => boolean): readonly Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(BASE64)) {
    if (match[0].length > 2_000_000) continue;
    const plain = decoded(match[0].replace(/[\\\s]/g, ''));
    if (plain !== undefined && plain.length >= 8 && isSecret(plain))
      spans.push({ from: match.index, to: match.index + match[0].length, kind: 'encoded' });
  }
  return spans;
}
