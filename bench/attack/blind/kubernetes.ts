import { gzipSync } from 'node:zlib';
import { type Draw, HEX, LOWER, WORD } from './draw.ts';
import { type Carried, carry, type SecretKind } from './seed.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');

function object(
  kind: string,
  write: (draw: Draw, secret: string) => unknown,
  make: (draw: Draw) => string = (draw) => draw.password(),
): SecretKind {
  return [
    `object: ${kind}`,
    (draw): Carried => {
      const secret = make(draw);
      const value = write(draw, secret);
      return carry(typeof value === 'string' ? value : JSON.stringify(value), secret);
    },
  ];
}

const pod = (container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'c', image: 'x:1', ...container }] },
});
const configMap = (data: Record<string, string>) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });

/** Secrets where objects of a cluster carry them: environment, arguments, annotations, files in ConfigMaps, releases of Helm. */
export const OBJECT_KINDS: readonly SecretKind[] = [
  object('env with a telling name', (d, s) => pod({ env: [{ name: `${d.name().toUpperCase()}_PASSWORD`, value: s }] })),
  object(
    'env with a name that tells little',
    (d, s) => pod({ env: [{ name: d.one(['APP_KEY', 'SIGNING_SALT', 'ENCRYPTION_PEPPER', 'LICENSE', 'HMAC']), value: s }] }),
    (d) => d.random(32),
  ),
  object('env pass', (d, s) => pod({ env: [{ name: d.one(['PGPASS', 'MYSQL_PWD', 'ROOT_PW', 'REDISCLI_AUTH', 'SA_PASS']), value: s }] })),
  object(
    'env with a url',
    (d, s) => pod({ env: [{ name: 'UPSTREAM', value: `http://${d.name()}:${s}@proxy:3128` }] }),
    (d) => d.random(14),
  ),
  object('args', (_, s) => pod({ args: ['--admin-password', s, '--v=2'] })),
  object('args with equals', (_, s) => pod({ args: [`--smtp.auth-pass=${s}`] })),
  object(
    'shell in command',
    (_, s) => pod({ command: ['sh', '-c', `mysql -uroot -p${s} -e 'select 1'`] }),
    (d) => d.random(14),
  ),
  object(
    'probe header',
    (_, s) => pod({ livenessProbe: { httpGet: { path: '/', port: 80, httpHeaders: [{ name: 'Authorization', value: `Bearer ${s}` }] } } }),
    (d) => d.random(30),
  ),
  object(
    'probe exec',
    (_, s) => pod({ livenessProbe: { exec: { command: ['redis-cli', '-a', s, 'ping'] } } }),
    (d) => d.random(16),
  ),
  object('last-applied annotation', (_, s) => ({
    kind: 'Deployment',
    metadata: {
      name: 'a',
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(pod({ env: [{ name: 'DB_PASSWORD', value: s }] }))}\n`,
      },
    },
  })),
  object(
    'last-applied Secret',
    (_, s) => ({
      kind: 'Secret',
      metadata: {
        name: 'a',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
            kind: 'Secret',
            data: { value: s },
            metadata: { name: 'a' },
          }),
        },
      },
    }),
    (d) => encode(d.random(18)),
  ),
  object(
    'Secret data',
    (d, s) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: d.name() }, data: { [d.name()]: s } }),
    (d) => encode(d.password()),
  ),
  object('Secret stringData', (d, s) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: d.name() },
    stringData: { [d.name()]: s },
  })),
  object(
    'Secret as yaml',
    (d, s) => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${d.name()}\ndata:\n  ${d.name()}: ${s}\n`,
    (d) => encode(d.random(18)),
  ),
  object(
    'Secret as yaml, data first',
    (d, s) => `apiVersion: v1\ndata:\n  ${d.name()}: ${s}\nkind: Secret\n`,
    (d) => encode(d.random(18)),
  ),
  object(
    'annotation',
    (d, s) => ({ metadata: { name: 'a', annotations: { [`${d.name()}.example/webhook-secret`]: s } } }),
    (d) => d.random(26),
  ),
  object(
    'ingress annotation',
    (_, s) => ({
      metadata: { annotations: { 'nginx.ingress.kubernetes.io/configuration-snippet': `proxy_set_header Authorization "Basic ${s}";` } },
    }),
    (d) => encode(`u:${d.random(12)}`),
  ),
  object(
    'managedFields value',
    (_, s) => ({ metadata: { managedFields: [{ manager: 'x', fieldsV1: { 'f:spec': { [`v:"--password=${s}"`]: {} } } }] } }),
    (d) => d.random(16),
  ),
  object(
    'ConfigMap .env',
    (d, s) => configMap({ '.env': `HOST=${d.name()}\nSECRET=${s}\nPORT=1` }),
    (d) => d.random(24),
  ),
  object('ConfigMap application.yml', (d, s) =>
    configMap({ 'application.yml': `spring:\n  datasource:\n    username: ${d.name()}\n    password: ${s}\n` }),
  ),
  object(
    'ConfigMap appsettings.json',
    (d, s) =>
      configMap({ 'appsettings.json': JSON.stringify({ ConnectionStrings: { Default: `Server=${d.name()};Uid=x;Pwd=${s};` } }, null, 2) }),
    (d) => d.random(16),
  ),
  object(
    'ConfigMap nginx',
    (_, s) => configMap({ 'default.conf': `location / {\n  proxy_set_header X-Api-Key "${s}";\n}` }),
    (d) => d.random(30),
  ),
  object(
    'ConfigMap php',
    (_, s) => configMap({ 'wp-config.php': `<?php define( 'AUTH_SALT', '${s}' );` }),
    (d) => d.text(`${WORD}!@#-_|`, 64),
  ),
  object('ConfigMap key', (d, s) => configMap({ [d.one(['db.password', 'api_token', 'jwt-secret', 'smtpPassword'])]: s })),
  object(
    'ConfigMap binaryData',
    (_, s) => ({ kind: 'ConfigMap', binaryData: { id_rsa: s } }),
    (d) => encode(`-----${'BEGIN'} RSA PRIVATE KEY-----\n${d.text(WORD, 120)}`),
  ),
  [
    'object: helm release',
    (d) => {
      const release = { name: d.name(), config: { auth: { password: d.random(20) } }, manifest: 'kind: Service' };
      const body = encode(encode(gzipSync(JSON.stringify(release)).toString('latin1')));
      return carry(JSON.stringify({ kind: 'Secret', type: 'helm.sh/release.v1', data: { release: body } }), body);
    },
  ],
  [
    'object: helm release in a ConfigMap',
    (d) => {
      const body = gzipSync(JSON.stringify({ name: d.name(), config: { password: d.random(20) }, filler: d.text(HEX, 60) })).toString(
        'base64',
      );
      return carry(JSON.stringify({ kind: 'ConfigMap', data: { release: body } }), body);
    },
  ],
  object('custom resource', (d, s) => ({ kind: 'PostgresCluster', spec: { users: [{ name: d.name(), password: s }] } })),
  object('argocd helm parameters', (_, s) => ({
    kind: 'Application',
    spec: { source: { helm: { parameters: [{ name: 'auth.rootPassword', value: s }] } } },
  })),
  object('argocd helm values', (_, s) => ({
    kind: 'Application',
    spec: { source: { helm: { values: `auth:\n  enabled: true\n  password: ${s}\n` } } },
  })),
  object(
    'event message',
    (d, s) => ({
      kind: 'Event',
      reason: 'Unhealthy',
      message: `Readiness probe failed: cannot connect to postgres://${d.name()}:${s}@db:5432: refused`,
    }),
    (d) => d.random(14),
  ),
  object(
    'termination message',
    (d, s) => ({ state: { terminated: { exitCode: 1, message: `FATAL login as ${d.name()} with password ${s} failed` } } }),
    (d) => d.random(16),
  ),
  object(
    'storage class parameters',
    (_, s) => ({ kind: 'StorageClass', parameters: { restuser: 'admin', restuserkey: s } }),
    (d) => d.random(20),
  ),
  object(
    'webhook url in a receiver',
    (_, s) => ({
      kind: 'AlertmanagerConfig',
      spec: { receivers: [{ slackConfigs: [{ apiURL: `https://hooks.slack.com/services/T01ABCDEF/B01ABCDEF/${s}` }] }] },
    }),
    (d) => d.text(WORD, 24),
  ),
];

function log(kind: string, forms: readonly string[], make: (draw: Draw) => string = (draw) => draw.random(18)): SecretKind {
  return [
    `log: ${kind}`,
    (draw) => {
      const secret = make(draw);
      return carry(
        draw
          .one(forms)
          .replaceAll('~', () => draw.name())
          .replaceAll('%', () => secret),
        secret,
      );
    },
  ];
}

/** Secrets in what programs print. */
export const LOG_KINDS: readonly SecretKind[] = [
  log('json', ['{"level":"info","msg":"boot","db_password":"%","t":1}', '{"ts":1.5,"config":{"smtp":{"pass":"%"}}}']),
  log('json with escaped json', ['{"log":"{\\"user\\":\\"~\\",\\"password\\":\\"%\\"}\\n","stream":"stdout"}']),
  log('logfmt', ['ts=2026-01-01T00:00:00Z level=info msg="login" user=~ password=% took=3ms', 'level=debug token="%" path=/x']),
  log('java stack trace', [
    'java.sql.SQLException: refused\n\tat a.B.c(B.java:10)\nCaused by: org.x.E: jdbc:postgresql://db/~?user=~&password=% unreachable\n\t... 3 more',
    'Caused by: java.net.ConnectException: http://~:%@es:9200/_bulk\n\tat a.b(C.java:1)',
  ]),
  log('python repr', ["Settings(user='~', password='%', port=5432)", "KeyError: {'api_token': '%'}"]),
  log('go %+v', ['&{User:~ Password:% Retries:3}', 'opts={Endpoint:~ SecretKey:% Secure:true}']),
  log('rust debug', ['Config { host: "~", password: "%", port: 1 }']),
  log('node inspect', ["{ user: '~', password: '%', ssl: false }", "{\n  apiKey: '%',\n  url: 'x'\n}"]),
  log('ruby inspect', ['{"user"=>"~", "password"=>"%"}', '#<Conf @user="~", @password="%">']),
  log('rails parameters', ['Parameters: {"utf8"=>"x", "user"=>{"email"=>"a@b.c", "password"=>"%"}, "commit"=>"Log in"}']),
  log('form body', ['POST /login body: username=~&password=%&remember=1', 'grant_type=password&username=~&password=%']),
  log('prose: password is', [
    'the generated password is %',
    'Generated admin password: %',
    'initial root password is: %',
    'Your temporary password: "%"',
  ]),
  log('prose: with password', [
    'login as ~ with password % failed',
    "authentication with password '%' rejected",
    'using password "%" for ~',
  ]),
  log('prose: token', ['issued token % for ~', 'invalid token: %', 'token "%" expired', 'refresh token = %'], (d) => d.random(32)),
  log('prose: secret', ['secret is %, do not share', 'client secret: %', 'webhook secret "%" does not match'], (d) => d.random(28)),
  log('jenkins initial', ['Please use the following password to proceed to installation:\n\n%\n\nThis may also be found at'], (d) =>
    d.text(HEX, 32),
  ),
  log(
    'mysql temporary',
    ['[Note] A temporary password is generated for root@localhost: %'],
    (d) => `${d.text(LOWER, 3)};${d.text(WORD, 5)}#${d.text(WORD, 2)}`,
  ),
  log('elasticsearch', ['Password for the elastic user (reset with `bin/x`):\n  %'], (d) => d.text(`${WORD}*=-`, 20)),
  log('vault unseal', ['Unseal Key 1: %', 'Initial Root Token: %'], (d) => `${d.text(WORD, 43)}=`),
  log('upper case', ['PASSWORD=%', 'PASSWORD: %']),
  log('other languages', ['Passwort: %', 'mot de passe : %', 'contraseña: %', 'пароль: %', 'senha=%', 'wachtwoord=%']),
  log('ansi colours', ['\u001b[36mpassword\u001b[0m=\u001b[33m%\u001b[0m', '\u001b[1mtoken:\u001b[0m %'], (d) => d.random(24)),
  log('html-escaped', ['password=&quot;%&quot;', '{&quot;secret&quot;:&quot;%&quot;}']),
  log('unicode quotes', ['password “%” is wrong', 'password=’%’'], (d) => d.random(16)),
  log('with a space before the sign', ['password   =   %', 'db_password :%', '"password" =>   "%"']),
  log('tabulated', ['user\t~\npassword\t%\n', '| password | % |', 'PASSWORD    %']),
  log(
    'access log',
    ['10.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /x?apikey=%&y=1 HTTP/1.1" 200 3', '"GET /reset?token=% HTTP/2" 200'],
    (d) => d.random(24),
  ),
  log('ssh', ['debug: password="%" method=password']),
  log('passwd and a semicolon', ['passwd:%;']),
  log('env dump', ['PATH=/bin\nHOME=/root\nAPI_SECRET=%\nLANG=C', 'declare -x DB_PASSWORD="%"\ndeclare -x HOME="/root"']),
];
