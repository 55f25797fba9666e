import { BASE64, type Draw, HEX, LOWER, URL_SAFE, WORD } from './draw.ts';
import { carry, type SecretKind } from './seed.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const wrapped = (body: string, width: number) => body.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];

function pem(draw: Draw, label: string, lines = 6): { head: string; body: string[]; tail: string } {
  return {
    head: `-----${'BEGIN'} ${label}-----`,
    body: Array.from({ length: lines }, () => draw.text(BASE64, 64)),
    tail: `-----${'END'} ${label}-----`,
  };
}

/** A file with one secret in it: `%` is the secret, `~` a made-up name. */
function file(kind: string, lines: readonly string[], make: (draw: Draw) => string = (draw) => draw.password()): SecretKind {
  return [
    `file: ${kind}`,
    (draw) => {
      const secret = make(draw);
      const text = lines.join('\n').replaceAll('~', () => draw.name());
      return carry(
        text.replaceAll('%', () => secret),
        secret,
      );
    },
  ];
}

/** Files of configuration as they lie in ConfigMaps, volumes and home folders. */
export const FILE_KINDS: readonly SecretKind[] = [
  file('netrc', ['machine api.~.example', '  login ~', '  password %', 'machine other.example login ~ password x-redacted-x']),
  file('netrc on one line', ['machine git.~.example login ~ password %']),
  [
    'file: docker auth',
    (d) => {
      const auth = encode(`${d.name()}:${d.random(20)}`);
      return carry(JSON.stringify({ auths: { 'https://index.docker.io/v1/': { auth, email: 'a@b.example' } } }), auth);
    },
  ],
  file('docker config password', ['{"auths": {"~.example": {"username": "~", "password": "%"}}}']),
  file('kubeconfig token', ['apiVersion: v1', 'kind: Config', 'users:', '- name: ~', '  user:', '    token: %'], (d) => d.random(40)),
  file('kubeconfig client key', ['users:', '- name: ~', '  user:', '    client-key-data: %'], (d) =>
    encode(`-----BEGIN RSA PRIVATE KEY-----\n${d.text(BASE64, 200)}`),
  ),
  file('kubeconfig basic', ['users:', '- name: ~', '  user: {username: ~, password: %}'], (d) => d.random(18)),
  file('.env', ['NODE_ENV=production', 'DB_HOST=~', 'DB_PASS=%', 'PORT=8080']),
  file(
    '.env quoted',
    ['export APP_NAME="~"', 'export JWT_SIGNING_SECRET="%"', 'LOG_LEVEL=info'],
    (d) => `${d.name()} ${d.name()} ${d.random(8)}`,
  ),
  file('.env with odd names', ['COOKIE_SALT=%', 'REGION=eu-west-1'], (d) => d.random(32)),
  file('.env passphrase', ['GPG_PASSPHRASE=%', 'X=1'], (d) => d.password()),
  file('properties', ['spring.datasource.url=jdbc:postgresql://~/~', 'spring.datasource.username=~', 'spring.datasource.password=%']),
  file('properties with colon', ['mail.smtp.user: ~', 'mail.smtp.password: %', 'javax.net.ssl.trustStoreType: jks']),
  file('properties with escapes', ['keystore.pass\\:word=x', 'javax.net.ssl.keyStorePassword = %', 'timeout = 30']),
  file('ini', ['[database]', 'user = ~', 'passwd = %', 'port = 3306']),
  file('ini commented', ['[smtp]', '; the old one', ';password = %', 'host = ~']),
  file('pgpass', ['db.example:5432:~:~:%'], (d) => d.random(18)),
  file('my.cnf', ['[client]', 'user=~', 'password="%"', 'host=~']),
  file('toml', ['[database]', 'server = "~"', 'password = "%"', 'ports = [8001, 8002]']),
  file('toml literal', ['[auth]', "api_key = '%'", 'enabled = true'], (d) => d.random(30)),
  file('yaml', ['database:', '  host: ~', '  password: %', '  port: 5432']),
  file('yaml block', ['config:', '  secretKey: |-', '    %', '  other: ~'], (d) => d.random(48)),
  file('yaml folded', ['auth:', '  token: >', '    %', 'next: 1'], (d) => d.random(48)),
  file('yaml on the next line', ['password:', '  %', 'user: ~']),
  file('yaml flow', ['{host: ~, port: 5432, password: %, tls: true}'], (d) => d.random(14)),
  file('yaml camel', ['adminPassword: "%"', 'replicaCount: 2']),
  file('yaml list of users', ['users:', '- ~', 'initialPasswords:', '- %'], (d) => d.random(16)),
  file('name and value in yaml', ['- name: REDIS_AUTH', '  value: "%"', '- name: PORT', '  value: "6379"']),
  file('value and name in yaml', ['- value: "%"', '  name: MYSQL_ROOT_PASSWORD']),
  file('terraform variables', ['db_username = "~"', 'db_password = "%"', 'region = "eu-central-1"']),
  file('terraform heredoc', ['private_token = <<EOT', '%', 'EOT'], (d) => d.random(40)),
  file('xml element', ['<server><id>~</id><username>~</username><password>%</password></server>'], (d) => d.random(16)),
  file('xml attribute', ['<Resource name="jdbc/~" username="~" password="%" maxTotal="20"/>']),
  file('xml web.config', ['<add key="ApiSecret" value="%" />', '<add name="~" connectionString="Server=~;Database=~" />'], (d) =>
    d.random(24),
  ),
  file('npmrc', ['registry=https://npm.~.example/', '//npm.~.example/:_authToken=%'], (d) => d.random(36)),
  file('npmrc auth', ['//npm.~.example/:_auth=%', 'always-auth=true'], (d) => encode(`ci:${d.random(16)}`)),
  file('pip.conf', ['[global]', 'index-url = https://~:%@pypi.~.example/simple'], (d) => d.random(16)),
  file(
    'aws credentials',
    ['[default]', `aws_access_key_id = ${'AKIA'}IOSFODNN7EXAMPLE`, 'aws_secret_access_key = %', 'region = eu-west-1'],
    (d) => d.text(BASE64, 40),
  ),
  file('aws session token', ['aws_session_token=%'], (d) => `FwoGZXIvYXdzE${d.text(BASE64, 300)}`),
  [
    'file: gcp service account',
    (d) => {
      const key = pem(d, 'PRIVATE KEY', 5);
      const id = d.text(HEX, 40);
      const json = {
        type: 'service_account',
        private_key_id: id,
        private_key: [key.head, ...key.body, key.tail, ''].join('\n'),
        client_email: 'x@y.example',
      };
      return carry(JSON.stringify(json, null, 2), ...key.body);
    },
  ],
  file('htpasswd apr1', ['~:%'], (d) => `$apr1$${d.text(WORD, 8)}$${d.text(`${WORD}./`, 22)}`),
  file('htpasswd bcrypt', ['~:%', '~:x'], (d) => `$2y$10$${d.text(`${WORD}./`, 53)}`),
  file('htpasswd sha', ['~:{SHA}%'], (d) => `${d.text(BASE64, 27)}=`),
  file('shadow', ['~:%:19000:0:99999:7:::'], (d) => `$6$${d.text(WORD, 16)}$${d.text(`${WORD}./`, 86)}`),
  file('django hash', ['~ | % | 2026'], (d) => `pbkdf2_sha256$600000$${d.text(WORD, 22)}$${d.text(BASE64, 43)}=`),
  file('argon2 hash', ['user ~ has %'], (d) => `$argon2id$v=19$m=65536,t=3,p=4$${d.text(BASE64, 22)}$${d.text(BASE64, 43)}`),
  file('grafana.ini', ['[security]', 'admin_user = ~', 'admin_password = %']),
  file('alertmanager', ['route: {receiver: ~}', 'receivers:', '- name: ~', '  pagerduty_configs:', '  - routing_key: %'], (d) =>
    d.text(HEX, 32),
  ),
  file(
    'opsgenie',
    ['opsgenie_configs:', '- api_key: %'],
    (d) => `${d.text(HEX, 8)}-${d.text(HEX, 4)}-4${d.text(HEX, 3)}-8${d.text(HEX, 3)}-${d.text(HEX, 12)}`,
  ),
  file('prometheus basic auth', ['basic_auth:', '  username: ~', '  password: %']),
  file('prometheus bearer', ['authorization:', '  type: Bearer', '  credentials: %'], (d) => d.random(40)),
  file('redis.conf', ['port 6379', 'requirepass %', 'appendonly yes']),
  file('redis masterauth', ['masterauth "%"', 'tcp-keepalive 300']),
  file('rabbitmq.conf', ['default_user = ~', 'default_pass = %', 'listeners.tcp.default = 5672']),
  file('erlang cookie', ['RABBITMQ_ERLANG_COOKIE=%'], (d) => d.text(LOWER, 20).toUpperCase()),
  file('wireguard', ['[Interface]', 'PrivateKey = %', 'Address = 10.0.0.2/24'], (d) => `${d.text(BASE64, 43)}=`),
  file('wireguard preshared', ['[Peer]', 'PresharedKey = %'], (d) => `${d.text(BASE64, 43)}=`),
  file('wpa supplicant', ['network={', '  ssid="~"', '  psk="%"', '}']),
  file('php define', ["define('DB_USER', '~');", "define('DB_PASSWORD', '%');"]),
  file('php array', ["'host' => '~', 'password' => '%',"]),
  file('ruby hash', [':adapter => "pg", :password => "%", :host => "~"']),
  file('python settings', ["DATABASES = {'default': {'USER': '~', 'PASSWORD': '%', 'HOST': 'db'}}"]),
  file('python secret key', ["SECRET_KEY = 'django-insecure-%'"], (d) => d.text(`${LOWER}0123456789!@#%^&*(-_=+)`.replace('%', ''), 50)),
  file('go struct print', ['config: {Host:~ Port:5432 User:~ Password:% SSLMode:disable}']),
  file('java to string', ['DataSourceConfig(url=jdbc:h2:mem, username=~, password=%, poolSize=10)']),
  file('krb5 keytab words', ['kinit.password=%']),
  file(
    'ssh private key',
    [`-----${'BEGIN'} OPENSSH PRIVATE KEY-----`, '%', `-----${'END'} OPENSSH PRIVATE KEY-----`],
    (d) => `b3BlbnNzaC1rZXktdjEA${d.text(BASE64, 44)}`,
  ),
  file(
    'gpg private key',
    [`-----${'BEGIN'} PGP PRIVATE KEY BLOCK-----`, '', '%', '=aB3d', `-----${'END'} PGP PRIVATE KEY BLOCK-----`],
    (d) => `lQOYBGQ${d.text(BASE64, 57)}`,
  ),
  file('putty key', ['PuTTY-User-Key-File-3: ssh-ed25519', 'Private-Lines: 1', '%', 'Private-MAC: x'], (d) => d.text(BASE64, 48)),
  [
    'file: pem split over log lines',
    (d) => {
      const key = pem(d, 'RSA PRIVATE KEY', 4);
      return carry([key.head, ...key.body, key.tail].map((line, at) => `2026-03-01T10:00:0${at}Z app[7]: ${line}`).join('\n'), ...key.body);
    },
  ],
  [
    'file: pem with escaped newlines',
    (d) => {
      const key = pem(d, 'EC PRIVATE KEY', 3);
      return carry(`TLS_KEY="${[key.head, ...key.body, key.tail].join('\\n')}"`, ...key.body);
    },
  ],
  [
    'file: pem without an end',
    (d) => {
      const key = pem(d, 'PRIVATE KEY', 4);
      return carry([key.head, ...key.body].join('\n'), ...key.body);
    },
  ],
  [
    'file: pem on one line with spaces',
    (d) => {
      const key = pem(d, 'PRIVATE KEY', 3);
      return carry(`key is ${[key.head, ...key.body, key.tail].join(' ')} ok`, ...key.body);
    },
  ],
  [
    'file: pem in base64',
    (d) => {
      const key = pem(d, 'RSA PRIVATE KEY', 4);
      const once = encode([key.head, ...key.body, key.tail].join('\n'));
      return carry(`tls.key: ${once}`, once);
    },
  ],
  [
    'file: pem in base64 wrapped',
    (d) => {
      const key = pem(d, 'PRIVATE KEY', 4);
      const lines = wrapped(encode([key.head, ...key.body, key.tail].join('\n')), 76);
      return carry(`blob: |\n${lines.map((line) => `  ${line}`).join('\n')}`, ...lines.filter((line) => line.length > 40));
    },
  ],
  [
    'file: base64 twice',
    (d) => {
      const twice = encode(encode(`password=${d.random(20)}`));
      return carry(`payload: ${twice}`, twice);
    },
  ],
  [
    'file: base64 of an env file',
    (d) => {
      const once = encode(`USER=${d.name()}\nDB_PASSWORD=${d.password()}\n`);
      return carry(`dotenv: ${once}`, once);
    },
  ],
  [
    'file: json in json in yaml',
    (d) => {
      const secret = d.random(20);
      const inner = JSON.stringify({ db: { user: d.name(), password: secret } });
      return carry(`settings: '${JSON.stringify({ version: 2, raw: inner })}'`, secret);
    },
  ],
  [
    'file: json in json in json',
    (d) => {
      const secret = d.password();
      const inner = JSON.stringify({ apiSecret: secret, on: true });
      return carry(JSON.stringify({ data: JSON.stringify({ body: inner }) }), secret);
    },
  ],
  file('json with spaces', ['{ "user" : "~", "password" : "%", "n" : 1 }']),
  file('json list of values', ['{"tokens": ["%"], "count": 1}'], (d) => d.random(32)),
  file('json name and value', ['{"name":"SMTP_PASSWORD","value":"%"}']),
  file('json key and value', ['{"key":"client_secret","value":"%","enabled":true}'], (d) => d.random(24)),
  file('totp uri', ['otpauth://totp/~:a@b.example?secret=%&issuer=~&digits=6'], (d) => d.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32)),
  file('uppercase hex key', ['ENCRYPTION_KEY=%'], (d) => d.text(HEX, 64).toUpperCase()),
  file('spaced hex key', ['master key: %'], (d) => wrapped(d.text(HEX, 32), 4).join(' ')),
  file('jwk', ['{"kty":"RSA","n":"~","e":"AQAB","d":"%"}'], (d) => d.text(URL_SAFE, 120)),
  file('jwk oct', ['{"kty":"oct","k":"%","alg":"HS256"}'], (d) => d.text(URL_SAFE, 43)),
];
