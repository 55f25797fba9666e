import { BASE64, type Draw, HEX, LOWER, URL_SAFE, WORD } from './draw.ts';
import { carry, type SecretKind } from './seed.ts';

function command(kind: string, forms: readonly string[], make: (draw: Draw) => string = (draw) => draw.password()): SecretKind {
  return [
    `command: ${kind}`,
    (draw) => {
      const secret = make(draw);
      const text = draw.one(forms).replaceAll('~', () => draw.name());
      return carry(
        text.replaceAll('%', () => secret),
        secret,
      );
    },
  ];
}

function header(kind: string, forms: readonly string[], make: (draw: Draw) => string): SecretKind {
  const [, write] = command(kind, forms, make);
  return [`header: ${kind}`, write];
}

const basic = (draw: Draw) => Buffer.from(`${draw.name()}:${draw.random(14)}`).toString('base64');

/** Secrets as arguments of programs, in statements of SQL, in headers and cookies. */
export const COMMAND_KINDS: readonly SecretKind[] = [
  command('--password x', ['server --host ~ --password % --port 80', 'exec: "helm repo add ~ https://x --username ~ --password %"']),
  command('--password=x', ['vault-init --password=% --force', "run --db.password='%' --x"]),
  command('-p x', ['docker login -u ~ -p % registry.~.example', 'sshpass -p % ssh ~@host']),
  command('mysql -pX', ['mysql -u root -p% ~', 'mysqldump --single-transaction -u~ -p% ~ > x.sql']),
  command('redis-cli -a', ['redis-cli -h ~ -a % ping']),
  command('mongo -p', ['mongosh --host ~ -u ~ -p % --authenticationDatabase admin', 'mongodump --username ~ --password % --out /x']),
  command('PGPASSWORD=', ['PGPASSWORD=% psql -h ~ -U ~ -c "select 1"']),
  command('curl -u', ['curl -u ~:% https://~.example/x', 'curl -s --user ~:% -X POST http://~', "curl -u '~:%' https://~"]),
  command('curl -H', [`curl -H "Authorization: Bearer %" https://~`, `curl -H 'X-Api-Key: %' https://~`], (d) => d.random(32)),
  command('wget', ['wget --user=~ --http-password=% https://~/x.tgz']),
  command('--token x', ['argocd app sync ~ --auth-token % --server ~', 'gh-runner --token % --once'], (d) => d.random(36)),
  command('--api-key', ['agent --api-key=% --site eu', 'agent --apikey % --site eu'], (d) => d.text(HEX, 32)),
  command('--from-literal', [
    'kubectl create secret generic ~ --from-literal=pass=%',
    'kubectl create secret generic ~ --from-literal=api-key=%',
  ]),
  command('--docker-password', ['kubectl create secret docker-registry ~ --docker-username=~ --docker-password=%']),
  command(
    'helm --set',
    ['helm upgrade ~ ./x --set auth.password=%,replicas=2', 'helm install ~ x --set-string global.postgresql.auth.postgresPassword=%'],
    (d) => d.random(18),
  ),
  command('java -D', ['java -Xmx1g -Djavax.net.ssl.keyStorePassword=% -jar x.jar', 'java -Dspring.datasource.password=% -jar x.jar']),
  command('openssl pass:', ['openssl pkcs12 -in x.p12 -passin pass:% -nodes', 'openssl enc -aes-256-cbc -k % -in x']),
  command('mount options', ['mount -t cifs //~/x /y -o username=~,password=%', 'mount.cifs //~/x /y -o user=~,pass=%,uid=1'], (d) =>
    d.random(14),
  ),
  command('sql identified by', [
    "CREATE USER '~'@'10.0.0.1' IDENTIFIED BY '%'",
    "ALTER USER ~ IDENTIFIED BY '%'",
    "GRANT ALL ON *.* TO ~ IDENTIFIED BY '%'",
  ]),
  command('sql with password', [
    "CREATE ROLE ~ WITH LOGIN PASSWORD '%'",
    "ALTER USER ~ WITH ENCRYPTED PASSWORD '%' VALID UNTIL 'infinity'",
    "CREATE LOGIN ~ WITH PASSWORD = N'%'",
  ]),
  command('sql set password', ["SET PASSWORD FOR '~'@'x' = PASSWORD('%')", "SET PASSWORD = '%'"]),
  command('clickhouse', ["CREATE USER ~ IDENTIFIED WITH sha256_password BY '%'"]),
  command('redis auth', ['> CONFIG SET requirepass %', 'AUTH default %'], (d) => d.random(20)),
  command('redis monitor', ['1690000000.123456 [0 10.0.0.1:50000] "AUTH" "%"'], (d) => d.random(20)),
  command('ftp', ['PASS %']),
  command('echo into chpasswd', ["echo '~:%' | chpasswd", 'echo "root:%" | chpasswd'], (d) => d.random(14)),
  command('export', ['export MY_PASSWD=%; ./run', 'set DB_PWD=%']),
  command('windows argument', ['net user ~ % /add', 'app.exe /user:~ /password:%']),
  command('argument list in json', ['["server","--admin-password","%","--v=2"]', "args: ['--secret-key', '%', '--bind', ':80']"]),
  command(
    'argument list in yaml',
    ['args:\n- --client-secret\n- %\n- --port\n- "80"', 'command:\n  - sh\n  - -c\n  - server --redis-password %'],
    (d) => d.random(26),
  ),
  command('single dash long', ['app -password % -listen :80', 'app -dbPassword=% -v']),
  command('vault write', ['vault kv put secret/~ password=% user=~']),
  command('az login', ['az login --service-principal -u ~ -p % --tenant ~'], (d) => d.random(34)),
  command('aws configure', ['aws configure set aws_secret_access_key %'], (d) => d.text(BASE64, 40)),
  header('authorization bearer', ['Authorization: Bearer %', 'authorization: bearer %', '> authorization: Bearer %\n> accept: */*'], (d) =>
    d.text(URL_SAFE, 40),
  ),
  header('authorization basic', ['Authorization: Basic %', 'proxy-authorization: Basic %'], basic),
  header('authorization token', ['Authorization: token %', 'Authorization: Token token="%"', 'Authorization: ApiKey %'], (d) =>
    d.random(40),
  ),
  header('authorization bare', ['Authorization: %'], (d) => d.random(40)),
  header('digest', ['Authorization: Digest username="~", realm="x", response="%", nonce="1"'], (d) => d.text(HEX, 32)),
  header('aws4', ['Authorization: AWS4-HMAC-SHA256 Credential=~/20260101/eu/s3/aws4_request, SignedHeaders=host, Signature=%'], (d) =>
    d.text(HEX, 64),
  ),
  header('x-api-key', ['X-API-Key: %', 'x-auth-token: %', 'Private-Token: %', 'X-Vault-Token: %', 'Ocp-Apim-Subscription-Key: %'], (d) =>
    d.random(28),
  ),
  header('cookie', ['Cookie: theme=dark; sessionid=%; lang=en', 'cookie: JSESSIONID=%', 'Cookie: connect.sid=%'], (d) => d.random(32)),
  header('set-cookie', ['Set-Cookie: SESSION=%; Path=/; HttpOnly', 'set-cookie: auth=%; Secure; SameSite=Lax'], (d) => d.random(36)),
  header('go map of headers', ['map[Accept:[*/*] Authorization:[Bearer %] User-Agent:[x]]', 'headers=map[X-Api-Key:[%]]'], (d) =>
    d.random(32),
  ),
  header('python dict of headers', ["{'Accept': '*/*', 'Authorization': 'Bearer %'}", "{'X-Auth-Token': '%'}"], (d) => d.random(32)),
  header('node list of headers', ["[ 'authorization', 'Bearer %', 'accept', '*/*' ]"], (d) => d.random(32)),
  header('csrf and session', ['x-csrf-token: %', 'X-Amz-Security-Token: %'], (d) => d.random(44)),
  command('grpc metadata', ['metadata: authorization=Bearer %', 'md={authorization: [Bearer %]}'], (d) => d.random(32)),
  command('lowercase word password', ['DB_PASSWORD=%', 'password: %'], (d) => d.text(LOWER, 7)),
  command('digits only', ['PIN_CODE=1\nADMIN_PASSWORD=%', 'password=%'], (d) => d.text('0123456789', 8)),
  command('password of marks', ['password=%', 'DB_PASSWORD="%"'], (d) => `${d.text(WORD, 3)}!&@(${d.text(WORD, 4)}*^${d.text(WORD, 3)}`),
];
