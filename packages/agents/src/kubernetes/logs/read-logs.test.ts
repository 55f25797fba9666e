import { expect, test } from 'vitest';
import { classifyMessage, readingsOf } from './classify.ts';
import { createTemplateMiner } from './mine-templates.ts';
import { ownFrame } from './own-frame.ts';
import { readLog } from './read-log.ts';

test('a quiet level is one at the head of a line, and a word like others in a sentence', () => {
  const levels = (...lines: readonly string[]) => lines.map((line) => readLog(line)[0]?.level);
  expect(levels('2026-01-02 03:04:05 debug cache is warm', '[info] up', 'worker-1 info: up', 'Nov 3 DEBUG x')).toEqual([
    'debug',
    'info',
    'info',
    'debug',
  ]);
  expect(levels('unknown type: "logging" (valid values: [debug file kafka])', 'no more info is known')).toEqual([undefined, undefined]);
});

test.each([
  ['a virtual host of a broker', "connection closed by broker: vhost '/orders-prod' not found"],
  ['a line of usage', '\t-w SEC\tConnect timeout'],
])('%s is no file and no connection', (_, message) => {
  expect(readingsOf(message).map(({ kind }) => kind)).not.toContain('missing-file');
  expect(readingsOf(message).map(({ kind }) => kind)).not.toContain('timeout');
});

test.each([
  [
    '2026-11-22T11:00:00Z ERROR cannot start',
    { message: '2026-11-22T11:00:00Z ERROR cannot start', level: 'error', atMs: Date.parse('2026-11-22T11:00:00Z') },
  ],
  ['2026-11-22T11:00:00.123456789Z stderr F panic: no', { message: 'panic: no', level: 'fatal' }],
  [
    '{"level":"error","ts":1763809200,"msg":"failed to start","err":"dial tcp: refused"}',
    { message: 'failed to start: dial tcp: refused', level: 'error', atMs: 1763809200000 },
  ],
  [
    '{"level":60,"time":1763809200000,"msg":"stop","err":{"message":"no such table"}}',
    { message: 'stop: no such table', level: 'fatal', atMs: 1763809200000 },
  ],
  [
    'time="2026-11-22T11:00:00Z" level=fatal msg="no config" error="file \\"a\\" missing"',
    { message: 'no config: file "a" missing', level: 'fatal' },
  ],
  ['F1122 11:00:00.000 main.go:55] cannot list pods', { message: 'cannot list pods', level: 'fatal' }],
  ['E1122 11:00:00.000000       1 main.go:55] cannot list pods', { message: 'cannot list pods', level: 'error' }],
  ['\u001b[31mERROR\u001b[0m broken', { message: 'ERROR broken', level: 'error' }],
])('a line of a known form is taken apart: %s', (line, expected) => {
  expect(readLog(line)[0]).toMatchObject(expected);
});

test.each([
  [
    'Python',
    'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    run()\n  File "/usr/lib/python3/x.py", line 9, in run\n    raise ValueError("no")\nValueError: no',
    'ValueError: no',
    'File "/app/main.py", line 3, in <module>',
  ],
  [
    'Java',
    'Exception in thread "main" java.lang.IllegalStateException: no\n\tat java.base/java.util.Objects.check(Objects.java:1)\n\tat shop.Main.main(Main.java:5)\nCaused by: java.io.IOException: why\n\t... 2 more',
    'Exception in thread "main" java.lang.IllegalStateException: no; Caused by: java.io.IOException: why',
    'shop.Main.main(Main.java:5)',
  ],
  [
    'Go',
    'panic: runtime error: index out of range [3]\n\ngoroutine 1 [running]:\nmain.pick(...)\n\t/src/main.go:12 +0x1d\nmain.main()\n\t/src/main.go:20 +0x2f',
    'panic: runtime error: index out of range [3]',
    '/src/main.go:12 +0x1d',
  ],
  [
    'Node',
    "TypeError: Cannot read properties of undefined (reading 'id')\n    at node:internal/x:1:2\n    at pick (/app/pick.js:3:4)",
    "TypeError: Cannot read properties of undefined (reading 'id')",
    'pick (/app/pick.js:3:4)',
  ],
  [
    '.NET',
    'Unhandled exception. System.InvalidOperationException: no\n   at System.Linq.X.First()\n   at Shop.Program.Main() in /src/Program.cs:line 5',
    'Unhandled exception. System.InvalidOperationException: no',
    'Shop.Program.Main() in /src/Program.cs:line 5',
  ],
])('the stack trace of %s is one entry, and its own frame is found', (_, text, message, frame) => {
  const entries = readLog(`ready to go\n${text}`);
  expect(entries.map((entry) => entry.message)).toEqual(['ready to go', message]);
  expect(ownFrame(entries[1]?.frames ?? [])).toBe(frame);
});

test.each([
  ['Error: Environment variable DATABASE_URL is not set', { kind: 'missing-variable', name: 'DATABASE_URL' }],
  ["KeyError: 'API_TOKEN'", { kind: 'missing-variable', name: 'API_TOKEN' }],
  ['missing required environment variables: SMTP_HOST', { kind: 'missing-variable', name: 'SMTP_HOST' }],
  ['start.sh: line 4: REGION_NAME: unbound variable', { kind: 'missing-variable', name: 'REGION_NAME' }],
  ['required key PORT_NUMBER missing value', { kind: 'missing-variable', name: 'PORT_NUMBER' }],
  ['invalid value "ten" for MAX_ITEMS: not a number', { kind: 'invalid-value', name: 'MAX_ITEMS' }],
  ["envconfig.Process: assigning HTTP_PORT to Port: converting 'abc' to type int", { kind: 'invalid-value', name: 'HTTP_PORT' }],
  ['LOG_LEVEL must be one of debug, info', { kind: 'invalid-value', name: 'LOG_LEVEL' }],
  ['open /etc/app/config.yaml: no such file or directory', { kind: 'missing-file', path: '/etc/app/config.yaml' }],
  ["Error: ENOENT: no such file or directory, open '/data/key.pem'", { kind: 'missing-file', path: '/data/key.pem' }],
  [
    '[error] 7#7: *31 open() "/etc/nginx/auth/htpasswd" failed (2: No such file or directory), request: "GET /api HTTP/1.1"',
    { kind: 'missing-file', path: '/etc/nginx/auth/htpasswd' },
  ],
  ["ModuleNotFoundError: No module named 'flask'", { kind: 'missing-file', path: 'flask' }],
  ['sh: 1: migrat: not found', { kind: 'missing-file', path: 'migrat' }],
  ["Error: EACCES: permission denied, open '/data/x'", { kind: 'permission-denied', path: '/data/x' }],
  ['write /data/wal: no space left on device', { kind: 'disk-full' }],
  ['FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory', { kind: 'out-of-memory' }],
  ['FATAL: password authentication failed for user "shop"', { kind: 'authentication-failed', user: 'shop' }],
  ["Access denied for user 'app'@'10.0.0.3' (using password: YES)", { kind: 'authentication-failed', user: 'app' }],
  ['x509: certificate has expired or is not yet valid: current time', { kind: 'certificate-expired' }],
  ['PKIX path building failed: unable to find valid certification path', { kind: 'certificate-untrusted' }],
  ['dial tcp 10.0.0.4:5432: connect: connection refused', { kind: 'connection-refused', host: '10.0.0.4', port: 5432 }],
  ['connection to server at "db" (10.0.0.4), port 5432 failed: Connection refused', { kind: 'connection-refused', host: 'db', port: 5432 }],
  ['Error: connect ECONNREFUSED 10.0.0.4:6379', { kind: 'connection-refused', host: '10.0.0.4', port: 6379 }],
  ['Error 111 connecting to cache:6379. Connection refused.', { kind: 'connection-refused', host: 'cache', port: 6379 }],
  [
    'Connection refused: cart.shop.svc.cluster.local/10.0.0.9:7070',
    { kind: 'connection-refused', host: 'cart.shop.svc.cluster.local', port: 7070 },
  ],
  ['Get "http://stock:8080/items": context deadline exceeded', { kind: 'timeout', host: 'stock', port: 8080 }],
  ['dial tcp: lookup dbx on 10.96.0.10:53: no such host', { kind: 'dns-failure', host: 'dbx' }],
  ['Error: getaddrinfo ENOTFOUND mail.example.com', { kind: 'dns-failure', host: 'mail.example.com' }],
  ['java.net.UnknownHostException: queue', { kind: 'dns-failure', host: 'queue' }],
  ['could not translate host name "pg" to address: Name or service not known', { kind: 'dns-failure', host: 'pg' }],
  ['nginx: [emerg] host not found in upstream "api" in /etc/nginx/conf.d/x.conf:3', { kind: 'dns-failure', host: 'api' }],
  ["ping: bad address 'mq'", { kind: 'dns-failure', host: 'mq' }],
  ['Error: listen EADDRINUSE: address already in use :::8080', { kind: 'address-in-use', port: 8080 }],
  ['exec /app: exec format error', { kind: 'exec-format' }],
  ['FATAL: sorry, too many clients already', { kind: 'pool-exhausted' }],
  ['HTTP 429 Too Many Requests', { kind: 'rate-limited' }],
  [
    'dial tcp: lookup stock.shop.svc.cluster.local on 10.96.0.10:53: read udp 10.1.2.3:4182->10.96.0.10:53: read: connection refused',
    { kind: 'dns-failure', host: 'stock.shop.svc.cluster.local' },
  ],
  ['dial tcp: lookup stock.: no such host', { kind: 'dns-failure', host: 'stock' }],
  ['dial tcp: i/o timeout', { kind: 'timeout', host: '' }],
  ['could not connect to the database: connection refused', { kind: 'connection-refused', host: '' }],
  ['main.go:55: write failed: connection refused', { kind: 'connection-refused', host: '' }],
  ["Can't connect to MySQL server on 'db:3306' (111)", { kind: 'connection-refused', host: 'db', port: 3306 }],
  ['connect to 10.0.0.4:25: no route to host', { kind: 'timeout', host: '10.0.0.4', port: 25 }],
  ['Error: connect EHOSTUNREACH 10.0.0.4:5432', { kind: 'timeout', host: '10.0.0.4', port: 5432 }],
  ['config: POOL_TTL: time: unknown unit "sec" in duration "5sec"', { kind: 'invalid-value', name: 'POOL_TTL' }],
  ['WORKERS=many: expected an integer', { kind: 'invalid-value', name: 'WORKERS' }],
  ['strconv.Atoi: parsing "many": invalid syntax', { kind: 'bad-value', values: ['many'] }],
  ['java.lang.NumberFormatException: For input string: "many"', { kind: 'bad-value', values: ['many'] }],
  ["ValueError: invalid literal for int() with base 10: 'many'", { kind: 'bad-value', values: ['many'] }],
  ["error: unexpected argument '--bind' found", { kind: 'bad-usage', word: '--bind' }],
  ['Error: unknown flag: --node-port', { kind: 'bad-usage', word: '--node-port' }],
  ['flag provided but not defined: -listen', { kind: 'bad-usage', word: '-listen' }],
  ['serve.py: error: unrecognized arguments: --port 80', { kind: 'bad-usage', word: '--port' }],
  ['Error: No such option: --por', { kind: 'bad-usage', word: '--por' }],
  ['Error: unknown command "serv" for "app"', { kind: 'bad-usage', word: 'serv' }],
  ['Unrecognized option: -XX9', { kind: 'bad-usage', word: '-XX9' }],
  ["tool: invalid option -- 'q'", { kind: 'bad-usage', word: 'q' }],
  ["ReplyError: ERR unknown command 'JSON.GET'", { kind: 'bad-value', values: ['JSON.GET'] }],
  ['setsockopt: invalid argument', undefined],
  ["unexpected response from 'http://cart:80'", undefined],
  ["invalid response from 'http://cart:80'", undefined],
  ["TypeError: f() got an unexpected keyword argument 'x'", undefined],
  [
    'FATAL: unrecognized configuration parameter "wal" in file "/etc/pg/postgresql.conf" line 3',
    { kind: 'unreadable-file', paths: ['/etc/pg/postgresql.conf', 'postgresql.conf'] },
  ],
  ['Usage: app [OPTIONS]', { kind: 'bad-usage', word: '' }],
  [
    "SyntaxError: /etc/app/menu.json: Unexpected token ']' is not valid JSON",
    { kind: 'unreadable-file', paths: ['/etc/app/menu.json', 'menu.json'] },
  ],
  [
    'parsing YAML file /etc/app/rules.yml: yaml: line 3: did not find expected key',
    { kind: 'unreadable-file', paths: ['/etc/app/rules.yml', 'rules.yml'] },
  ],
  [
    'nginx: [emerg] unknown directive "servr" in /etc/nginx/conf.d/web.conf:3',
    { kind: 'unreadable-file', paths: ['/etc/nginx/conf.d/web.conf', 'web.conf'] },
  ],
  [
    "[ALERT] (1) : parsing [/usr/local/etc/haproxy/haproxy.cfg:12] : unknown keyword 'blance' in 'backend' section",
    { kind: 'unreadable-file', paths: ['/usr/local/etc/haproxy/haproxy.cfg', 'haproxy.cfg'] },
  ],
  ['toml: line 4: expected value', undefined],
  ['*** FATAL CONFIG FILE ERROR ***', { kind: 'unreadable-file', paths: [] }],
  ['started in 3 seconds, 0 errors, failover ready', undefined],
  ['user not found', undefined],
  ['GET /health 200', undefined],
])('the words "%s" mean one thing', (message, expected) => {
  expect(classifyMessage(message)).toEqual(expected);
});

test('a refusal of the API server names verb, resource, group and account', () => {
  const message =
    'jobs.batch is forbidden: User "system:serviceaccount:ns:runner" cannot create resource "jobs" in API group "batch" in the namespace "work"';
  expect(classifyMessage(message)).toEqual({
    kind: 'forbidden-api',
    access: { verb: 'create', resource: 'jobs', group: 'batch', namespace: 'work', accountNamespace: 'ns', account: 'runner' },
  });
});

test('quotes that a JSON log escaped are read as quotes', () => {
  const message =
    '"Unhandled Error" err="failed to list *v1.Node: nodes is forbidden: User \\"system:serviceaccount:ns:runner\\" cannot list resource \\"nodes\\" in API group \\"\\" at the cluster scope"';
  expect(classifyMessage(message)).toMatchObject({ kind: 'forbidden-api', access: { verb: 'list', resource: 'nodes', account: 'runner' } });
});

test('messages that differ in what varies are one shape, and the shapes held are bounded', () => {
  const miner = createTemplateMiner({ limit: 20 });
  for (let request = 0; request < 100; request++)
    miner.add(`request ${request} from 10.0.0.${request % 9} by user u${request} took ${request}ms`);
  miner.add('cannot open the door');
  const [last, requests] = miner.templates();
  expect(last).toMatchObject({ template: 'cannot open the door', count: 1, firstIndex: 100 });
  expect(requests).toMatchObject({ template: 'request <n> from <ip> by user <*> took <n>ms', count: 100, lastIndex: 99 });
  const words = (index: number) =>
    Array.from({ length: 6 }, (_, position) => String.fromCharCode(97 + ((index * 7 + position * 11) % 26)).repeat(3 + (index % 5))).join(
      ' ',
    );
  for (let index = 0; index < 500; index++) miner.add(words(index));
  expect(miner.templates().length).toBeLessThanOrEqual(20);
});

test('the lines between what Ruby raises and its frames are the reason; a line with a level ends them', () => {
  const header = "/srv/app/config/check.rb:4:in `<main>':  (Store::Outdated)";
  const trace = `${header}\n\nThe store is outdated. Run:\n\n  bin/store update\n\tfrom /usr/local/bundle/gems/rack-3/lib/rack.rb:9:in \`load'\n`;
  expect(readLog(trace)).toMatchObject([
    {
      message: 'Store::Outdated: The store is outdated. Run:',
      frames: ['/srv/app/config/check.rb:4', expect.any(String)],
    },
  ]);
  expect(readLog(`${header}\nlevel=info msg=ready`)).toMatchObject([{ message: 'Store::Outdated:' }, { message: 'ready', level: 'info' }]);
});

test.each([
  [
    '[ERROR] plugin/errors: 2 shop.example. A: read udp 10.1.2.3:46820->10.9.8.7:53: i/o timeout',
    { kind: 'timeout', host: '10.9.8.7', port: 53 },
  ],
  ['write tcp [fd00::3]:4682->10.9.8.7:443: i/o timeout', { kind: 'timeout', host: '10.9.8.7', port: 443 }],
  ['unable to resolve at least one zone (0 match)', undefined],
  ['unable to resolve search', { kind: 'dns-failure', host: 'search' }],
  ['could not resolve search after 3 tries', { kind: 'dns-failure', host: 'search' }],
])('%s names the one that is asked, if any', (message, sign) => {
  expect(classifyMessage(message)).toEqual(sign);
});

test.each([
  [
    'a message of several lines above the frames of Node',
    '  ^\nPrismaError: error: Error validating datasource: the URL must start with the protocol postgresql://.\n  -->  schema.prisma:8\n   | \n 8 |   url = env("DATABASE_URL")\n\nValidation Error Count: 1\n    at t (/app/library.js:1:2) {\n  errorCode: \'P1012\'\n}',
    'PrismaError: error: Error validating datasource: the URL must start with the protocol postgresql://.; Validation Error Count: 1',
  ],
  [
    'the text below the head of .NET',
    'fail: Shop.Start[0]\n      Cannot open the store\n      System.IO.IOException: no such share\n         at Shop.Start() in /src/Start.cs:line 5\ninfo: Shop.Start[0]\n      bye',
    'Cannot open the store; System.IO.IOException: no such share',
  ],
  [
    'a panic of Rust',
    "thread 'main' panicked at src/main.rs:12:5:\nPORT must be a number: ParseIntError\nnote: run with `RUST_BACKTRACE=1`",
    "thread 'main' panicked at src/main.rs:12:5: PORT must be a number: ParseIntError",
  ],
  [
    'a hint of PostgreSQL',
    '2026-01-02 03:04:05.678 UTC [1] FATAL:  data directory "/d" has wrong ownership\n2026-01-02 03:04:05.678 UTC [1] HINT:  The server must be started by the user that owns the data directory.',
    '2026-01-02 03:04:05.678 UTC [1] FATAL:  data directory "/d" has wrong ownership; HINT:  The server must be started by the user that owns the data directory.',
  ],
  [
    'a failure analysis of Spring Boot',
    'Description:\n\nWeb server failed to start. Port 8080 was already in use.\n\nAction:\n\nStop the process.\n\n2026-01-02T03:04:05Z INFO bye',
    'Web server failed to start. Port 8080 was already in use.; Action: Stop the process.',
  ],
  [
    'the reason of a process of Elixir',
    '01:25:14.453 [error] GenServer #PID<0.1.0> terminating\n** (DBConnection.ConnectionError) tcp connect (db:5432): refused\n    (db_connection 2.4.2) lib/db_connection/connection.ex:100: DBConnection.connect/2',
    '01:25:14.453 [error] GenServer #PID<0.1.0> terminating; ** (DBConnection.ConnectionError) tcp connect (db:5432): refused',
  ],
  [
    'what go-hclog sets in below a complaint',
    '2026-01-02T03:04:05.678Z [ERROR] agent.auth: error authenticating:\n  error=\n  | Error making API request.\n  |\n  | Code: 403. Errors:\n  | * permission denied\n   backoff=4m39s\n2026-01-02T03:09:05.678Z [INFO] agent.auth: authenticating',
    '2026-01-02T03:04:05.678Z [ERROR] agent.auth: error authenticating: error=; Error making API request.; Code: 403. Errors: * permission denied; backoff=4m39s',
  ],
  [
    'what aborts rake',
    'bin/rails aborted!\nStandardError: An error has occurred, this and all later migrations canceled:\n\nPG::DuplicateColumn: ERROR:  column "vat" already exists\n/app/db/migrate/2026_add_vat.rb:3:in `change\'\n\nCaused by:\nPG::DuplicateColumn: ERROR:  column "vat" already exists\n/app/db/migrate/2026_add_vat.rb:3:in `change\'\nTasks: TOP => db:migrate',
    'PG::DuplicateColumn: ERROR:  column "vat" already exists; Caused by: PG::DuplicateColumn: ERROR:  column "vat" already exists',
  ],
  [
    'a line of MongoDB',
    '{"t":{"$date":"2026-01-02T03:04:05.678Z"},"s":"E","c":"STORAGE","id":20557,"ctx":"initandlisten","msg":"DBException in initAndListen, terminating","attr":{"error":"Location28596: no such directory"}}',
    'DBException in initAndListen, terminating: Location28596: no such directory',
  ],
])('%s is one entry with what it is about', (_, text, message) => {
  const entries = readLog(text);
  expect(entries.map((entry) => entry.message)).toContain(message);
});

test.each([
  ['1:M 01 Dec 2026 01:25:14.453 * Ready to accept connections', 'info'],
  ["1:M 01 Dec 2026 01:25:14.453 # Can't handle RDB format version 11", undefined],
  ['1:M 01 Dec 2026 01:25:14.453 # Fatal error loading the DB', 'fatal'],
  ['E, [2026-12-01T01:25:14.453 #1] no', 'error'],
  ['[01:25:14 FTL] Host terminated unexpectedly', 'fatal'],
  ['[01:25:14 INF] Now listening', 'info'],
  ['2026-12-01 01:25:14.453 UTC [1] LOG:  database system is ready', 'info'],
  ['** (Mix) Could not start application', 'error'],
])('the level of %s', (line, level) => {
  expect(readLog(line)[0]?.level).toBe(level);
});
