import { BASE64, type Draw, HEX, LOWER, URL_SAFE, WORD } from './draw.ts';
import { carry, type HarmlessKind, type SecretKind } from './seed.ts';

function other(kind: string, forms: readonly string[], make: (draw: Draw) => string = (draw) => draw.password()): SecretKind {
  return [
    `second: ${kind}`,
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

function lines(kind: string, forms: readonly string[], fill: (draw: Draw) => string = (draw) => draw.name()): HarmlessKind {
  return [
    `second: ${kind}`,
    (draw) =>
      draw
        .one(forms)
        .replaceAll('~', () => draw.name())
        .replaceAll('%', () => fill(draw)),
  ];
}

/** Written after the finders had been mended by the first kinds, and measured once before anything was changed by these. */
export const SECOND_SECRETS: readonly SecretKind[] = [
  other('s3cmd', ['[default]\naccess_key = x\nsecret_key = %\nbucket_location = EU'], (d) => d.text(BASE64, 40)),
  other('rclone', ['[~]\ntype = sftp\nhost = ~\npass = %'], (d) => d.text(URL_SAFE, 30)),
  other('msmtp', ['account ~\nhost ~\nuser ~\npassword %']),
  other('git-credentials', ['https://~:%@bitbucket.org'], (d) => d.random(20)),
  other('boto', ['[Credentials]\naws_access_key_id = x\naws_secret_access_key = %'], (d) => d.text(BASE64, 40)),
  other('hub yml', ['github.com:\n- user: ~\n  oauth_token: %\n  protocol: https'], (d) => d.text(HEX, 40)),
  other('composer auth', ['{"http-basic":{"~.example":{"username":"~","password":"%"}}}'], (d) => d.random(18)),
  other('maven settings', ['<server>\n  <id>~</id>\n  <password>%</password>\n</server>']),
  other('gradle properties', ['nexusUsername=~\nnexusPassword=%\norg.gradle.jvmargs=-Xmx1g']),
  other('ansible vars', ['ansible_user: ~\nansible_become_pass: "%"\nansible_port: 22']),
  other('terraform state', ['"attributes": {"id": "~", "master_password": "%", "port": 5432}']),
  other('chef data bag', ['{"id": "~", "db_pwd": "%"}']),
  other(
    'vault approle',
    ['role_id=~ secret_id=%'],
    (d) => `${d.text(HEX, 8)}-${d.text(HEX, 4)}-4${d.text(HEX, 3)}-9${d.text(HEX, 3)}-${d.text(HEX, 12)}`,
  ),
  other(
    'consul acl',
    ['"acl": {"tokens": {"default": "%"}}', 'CONSUL_HTTP_TOKEN=%'],
    (d) => `${d.text(HEX, 8)}-${d.text(HEX, 4)}-4${d.text(HEX, 3)}-9${d.text(HEX, 3)}-${d.text(HEX, 12)}`,
  ),
  other('etcd root', ['etcdctl --user root:% get /x', 'ETCDCTL_USER=root:%'], (d) => d.random(16)),
  other('cassandra', ['cqlsh -u ~ -p % ~ 9042', "PlainTextAuthProvider(username='~', password='%')"]),
  other('snowflake', ['snowflake://~:%@ab12345.eu/~?warehouse=x'], (d) => d.random(18)),
  other('influx', ['INFLUX_TOKEN=%', 'influx write --token % --bucket ~'], (d) => `${d.text(URL_SAFE, 86)}==`),
  other('minio', ['MINIO_ROOT_PASSWORD=%', 'mc alias set ~ http://~:9000 ~ %'], (d) => d.random(20)),
  other('kafka scram', ['kafka-configs --alter --add-config SCRAM-SHA-256=[iterations=8192,password=%] --entity-name ~']),
  other('keytool', ['keytool -genkey -alias ~ -storepass % -keypass %']),
  other('nginx basic', ['~:$apr1$%'], (d) => `${d.text(WORD, 8)}$${d.text(`${WORD}./`, 22)}`),
  other('haproxy userlist', ['user ~ insecure-password %', 'stats auth ~:%']),
  other('traefik', ['--certificatesresolvers.x.acme.dnschallenge.token=%', 'CF_DNS_API_TOKEN=%'], (d) => d.text(URL_SAFE, 40)),
  other('cloudflare global', ['X-Auth-Email: a@b.example\nX-Auth-Key: %'], (d) => d.text(HEX, 37)),
  other('external dns', ['--pdns-api-key=%', 'PDNS_API_KEY=%'], (d) => d.random(20)),
  other('oauth response', ['{"access_token":"%","token_type":"Bearer","expires_in":3600}'], (d) => d.text(URL_SAFE, 64)),
  other('oauth refresh', ['{"refresh_token":"%","scope":"read"}', 'grant_type=refresh_token&refresh_token=%'], (d) => d.random(40)),
  other('oauth1', ['oauth_consumer_key="x", oauth_signature="%", oauth_nonce="1"'], (d) => encodeURIComponent(`${d.text(BASE64, 27)}=`)),
  other('saml', ['SAMLResponse=%&RelayState=x'], (d) => encodeURIComponent(d.text(BASE64, 400))),
  other('firebase url', ['https://~.firebaseio.com/x.json?auth=%'], (d) => d.text(WORD, 40)),
  other('slack workflow', ['https://hooks.slack.com/triggers/T0/12345/%'], (d) => d.text(HEX, 32)),
  other('generic webhook secret', ['hook { url = "https://~" secret = "%" }'], (d) => d.random(22)),
  other(
    'spring log',
    ['Using generated security password: %'],
    (d) => `${d.text(HEX, 8)}-${d.text(HEX, 4)}-4${d.text(HEX, 3)}-9${d.text(HEX, 3)}-${d.text(HEX, 12)}`,
  ),
  other('argo initial', ['argocd-initial-admin-secret password: %'], (d) => d.random(16)),
  other('jupyter', ['http://127.0.0.1:8888/lab?token=%'], (d) => d.text(HEX, 48)),
  other('dashboard login', ['login with token %'], (d) => d.text(URL_SAFE, 64)),
  other('bash trace', ['+ export SECRET_KEY_BASE=%', "+ mysql -h ~ -u ~ '-p%'"], (d) => d.random(30)),
  other('docker inspect', ['"Env": ["PATH=/bin", "MYSQL_ROOT_PASSWORD=%", "LANG=C"]']),
  other('compose', ['environment:\n  - POSTGRES_PASSWORD=%\n  - POSTGRES_USER=~']),
  other('cron line', ['0 3 * * * PGPASSWORD=% pg_dump ~ > /backup/x']),
  other('systemd unit', ['Environment="API_TOKEN=%"', 'ExecStart=/bin/x --auth-secret=%'], (d) => d.random(26)),
  other('powershell', ["$env:DB_PASSWORD = '%'", 'ConvertTo-SecureString "%" -AsPlainText -Force']),
  other('csharp', ['new NetworkCredential("~", "%")', 'builder.Password = "%";']),
  other('java code', ['DriverManager.getConnection("jdbc:x", "~", "%");', 'props.setProperty("password", "%");']),
  other('go code', ['Password: "%",', 'sql.Open("mysql", "~:%@/~")'], (d) => d.random(16)),
  other('kotlin', ['val apiKey = "%"'], (d) => d.random(32)),
  other('lua', ['red:auth("%")'], (d) => d.random(16)),
  other('perl dbi', ['DBI->connect("dbi:mysql:x", "~", "%")'], (d) => d.random(16)),
  other('hcl', ['provider "x" {\n  token = "%"\n}'], (d) => d.random(36)),
  other('csv', ['username,password\n~,%'], (d) => d.random(16)),
  other('ssh config comment', ['# password for ~: %'], (d) => d.random(14)),
  other('plist', ['<key>Password</key>\n<string>%</string>'], (d) => d.random(16)),
  other('registry file', ['"Password"="%"']),
  other('snmp', ['rocommunity %', 'createUser ~ SHA "%" AES'], (d) => d.random(14)),
  other('radius', ['client ~ {\n  secret = %\n}'], (d) => d.random(18)),
  other('ipsec', ['~ : PSK "%"'], (d) => d.random(24)),
  other('ppp', ['"~" * "%" *'], (d) => d.random(14)),
  other('grafana datasource', ['secureJsonData:\n  basicAuthPassword: %']),
  other('sealed by accident', ['apiVersion: v1\nkind: Secret\nstringData:\n  config.yaml: |\n    level: info\n    key: %\n'], (d) =>
    d.random(28),
  ),
];

export const SECOND_HARMLESS: readonly HarmlessKind[] = [
  lines('image pull', ['Pulling image "~/~:v1.2.3@sha256:%"', 'Container image "~:%" already present'], (d) => d.text(HEX, 64)),
  lines('etcd log', ['{"level":"info","msg":"applied index is now lower","member-id":"%","cluster-id":"%"}'], (d) => d.text(HEX, 16)),
  lines('raft', ['raft.node: % elected leader % at term 7'], (d) => d.text(HEX, 16)),
  lines('kubelet', ['E0301 10:00:00.1 1 pod_workers.go:1301] "Error syncing pod" err="%" podUID="0b1c2d3e-1111-4222-8333-944455566677"']),
  lines('scheduler', ['Successfully assigned shop/~-7f8c9d6b5-x2b4q to node-%'], (d) => d.text('123456789', 2)),
  lines('probe', ['Liveness probe failed: Get "http://10.1.2.3:8080/healthz?token=": context deadline exceeded']),
  lines('rbac', ['secrets is forbidden: User "system:serviceaccount:~:~" cannot list resource "secrets" in API group ""']),
  lines('serviceaccount', ['serviceAccountName: ~-token-reader', 'serviceAccountToken: {path: token, expirationSeconds: 3600}']),
  lines('external secret', ['secretStoreRef: {name: ~, kind: ClusterSecretStore}', 'remoteRef: {key: prod/~/db, property: password}']),
  lines('sealed secret', ['kind: SealedSecret', 'sealedsecrets.bitnami.com/cluster-wide: "true"']),
  lines('cert-manager', [
    'Certificate ~-tls: issuing certificate as Secret does not exist',
    'privateKeySecretRef: {name: ~-account-key}',
    'privateKey: {rotationPolicy: Always, algorithm: ECDSA}',
  ]),
  lines('postgres', [
    'FATAL:  password authentication failed for user "~"',
    'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "~", database "~", no encryption',
    'ERROR:  duplicate key value violates unique constraint "~_token_key"',
  ]),
  lines('mysql', [
    "ERROR 1045 (28000): Access denied for user '~'@'10.0.0.1' (using password: NO)",
    'Plugin caching_sha2_password reported: ready',
  ]),
  lines('mongo', [
    '{"c":"ACCESS","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-256","speculative":true,"principalName":"~"}}',
  ]),
  lines('redis', [
    'NOAUTH Authentication required.',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'Client sent AUTH, but no password is set',
  ]),
  lines('kafka', [
    'SaslAuthenticationException: Authentication failed during authentication due to invalid credentials',
    'ssl.key.password = null',
    'sasl.login.callback.handler.class = null',
    'ssl.keystore.password = [hidden]',
  ]),
  lines('nginx', [
    'user "~": password mismatch, client: 10.0.0.1, server: _, request: "GET / HTTP/1.1"',
    'ssl_certificate_key /etc/nginx/tls/tls.key;',
    'auth_basic_user_file /etc/nginx/.htpasswd;',
  ]),
  lines('spring', [
    'Tomcat started on port 8080',
    'o.s.s.w.DefaultSecurityFilterChain : Will secure any request with [UsernamePasswordAuthenticationFilter]',
    'spring.main.keep-alive=true',
  ]),
  lines('node stack', [
    'at Object.<anonymous> (/app/node_modules/jsonwebtoken/verify.js:89:21)',
    'TokenExpiredError: jwt expired',
    'JsonWebTokenError: invalid signature',
  ]),
  lines('go stack', ['golang.org/x/oauth2.(*Token).Valid(0xc0004c2000)', 'github.com/~/~/pkg/secrets.(*Manager).Get(0x0, {0xc000, 0x1})']),
  lines('rust', ["thread 'main' panicked at src/token.rs:42:10: called `Option::unwrap()` on a `None` value"]),
  lines('terraform', [
    'aws_secretsmanager_secret.~: Refreshing state... [id=arn:aws:secretsmanager:eu-west-1:123456789012:secret:~-a1B2c3]',
    'random_password.~: Creation complete after 0s [id=none]',
  ]),
  lines(
    'git',
    [
      'remote: Invalid username or password.',
      'fatal: could not read Password for',
      'commit %',
      'index 3f2a1b4..9c8d7e6 100644',
      'Merge pull request #12 from ~/rotate-secrets',
    ],
    (d) => d.text(HEX, 40),
  ),
  lines(
    'docker',
    [
      'sha256:% Pull complete',
      'denied: requested access to the resource is denied',
      'unauthorized: authentication required',
      'Layer already exists: %',
    ],
    (d) => d.text(HEX, 64),
  ),
  lines('npm', ['resolved "https://registry.npmjs.example/~/-/~-1.2.3.tgz#%"', 'npm ERR! code E401'], (d) => d.text(HEX, 40)),
  lines('prometheus', ['apiserver_storage_objects{resource="secrets"} 42', 'token_requests_total{code="429",path="/oauth2/token"} 7']),
  lines('helm values', [
    'existingSecretPasswordKey: password',
    'auth.existingSecret: ~',
    'passwordUpdateJob: {enabled: false}',
    'usePasswordFiles: true',
  ]),
  lines('flags', [
    '--token-ttl=24h0m0s',
    '--service-account-key-file=/etc/k8s/sa.pub',
    '--password-file /run/~/pw',
    '--secret-name ~-tls',
    '--auth-mode=token',
    '--bootstrap-token-auth=true',
    '--enable-token-auth',
    '--key-encoding=base64',
  ]),
  lines('config words', [
    'session.cookie.name = ~',
    'cookie.secure = true',
    'jwt.algorithm = RS256',
    'token.issuer = https://~.example',
    'password.min.length = 12',
    'secret.backend = vault',
    'key.serializer = org.apache.kafka.common.serialization.StringSerializer',
    'keyspace = ~',
    'partition.key = user_id',
  ]),
  lines('pattern', ['regex: ^[A-Za-z0-9]{8,}$', 'pattern=%d{yyyy-MM-dd} [%t] %-5level'.replaceAll('%', '~')]),
  lines('urls', [
    'https://login.microsoftonline.com/0b1c2d3e-1111-4222-8333-944455566677/oauth2/v2.0/token',
    'https://oauth2.googleapis.com/token',
    'http://~.svc.cluster.local:8080/api/v1/auth/keys',
    'wss://~.example/socket?room=42',
  ]),
  lines(
    'uuid list',
    ['nodes: [%, %]', 'lease %'],
    (d) => `${d.text(HEX, 8)}-${d.text(HEX, 4)}-4${d.text(HEX, 3)}-8${d.text(HEX, 3)}-${d.text(HEX, 12)}`,
  ),
  lines('emails', ['notify: ~@~.example', 'user ~@~.example:read granted']),
  lines('times', [
    'token valid until 2026-04-01T00:00:00Z',
    'password last changed: 2026-01-15',
    'secret created 12d ago',
    'key rotated at 1767225600',
  ]),
  lines('sizes', ['secret size 1048576 exceeds the limit', 'tokens: prompt 812, completion 96', 'pass 3 of 5']),
  lines('slugs', ['%-passwordless-login-7f8c9d6b5-x2b4q', 'secretsmanager-csi-%', 'tokenizer-%'], (d) => d.text(LOWER, 6)),
];
