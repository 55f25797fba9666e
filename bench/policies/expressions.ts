/** Expressions for the comparison with the API server's own CEL: every function and operator on values that are easy to get wrong. */
export function expressions(): readonly string[] {
  return [...new Set([...functions(), ...operators(), ...MACROS, ...OPTIONALS, ...ERRORS])];
}

/** What the expressions look at. */
export const OBJECT = {
  name: 'web-1',
  labels: { app: 'web', team: '', 'a.b/c': 'x' },
  replicas: 3,
  ratio: 0.5,
  flag: true,
  none: null,
  list: [3, 1, 2, 3],
  words: ['b', 'a', 'ü', '😀'],
  mixed: [1, 'a', true, null, 2.5],
  nested: [
    [1, 2],
    [3, [4]],
  ],
  containers: [
    { name: 'a', image: 'registry.example/a:1', ports: [{ port: 80 }, { port: 443 }] },
    { name: 'b', image: 'b', resources: { limits: { memory: '256Mi', cpu: '500m' } } },
  ],
};

const TEXTS = ["''", "'abc'", "'a-b-c'", "'Ünïcode 😀 text'", "'😀😀'", "' pad\\t'", "'ABC xyz'", 'object.name'];
const PARTS = ["''", "'b'", "'-'", "'😀'", "'zz'"];
const NUMBERS = ['0', '1', '-1', '3', '2.5', '-0.5', '3.0', '9223372036854775807', '1u', 'object.replicas', 'object.ratio', '1e21', '1e-5'];
const QUANTITIES = [
  '0',
  '1',
  '-1',
  '1.5',
  '.5',
  '5.',
  '500m',
  '1Gi',
  '0.5Gi',
  '1024Mi',
  '1k',
  '1K',
  '1e3',
  '1E3',
  '1E',
  '1e-10',
  '100n',
  '0.0000000001',
  '9223372036854775807',
  '9223372036854775808',
  '1Ei',
  '10Ei',
  '16Ei',
  '',
  'abc',
  '1 Gi',
  '1GiB',
  '+1',
  '1.2.3',
  '-500m',
  '1u',
  '1M',
  '3.3Ki',
  '1e19',
  '0.1',
  '12345678901234567890',
  '1m',
  '1.0',
  '1.50',
  '1Mi',
];
const ADDRESSES = [
  '10.0.0.1',
  '127.0.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '224.0.1.1',
  '169.254.1.1',
  '255.255.255.255',
  '192.168.001.1',
  '1.2.3',
  '1.2.3.256',
  '::',
  '::1',
  'fe80::1',
  'fe80::1%eth0',
  'ff02::1',
  'ff12::1',
  'ff05::1',
  '::ffff:10.0.0.1',
  '2001:db8::1',
  '2001:0DB8:0:0:0:0:0:1',
  '1::2::3',
  '2001:db8:0:0:1:0:0:1',
  '::10.0.0.1',
  'x',
  '',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:7',
  '10.0.0.1 ',
];
const NETWORKS = [
  '10.0.0.0/8',
  '10.1.2.3/16',
  '0.0.0.0/0',
  '::/0',
  'fd00::/8',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0',
  '::ffff:10.0.0.0/104',
  '2001:db8::1/64',
  '10.0.0.0/-1',
  'fe80::1%a/64',
  '10.0.0.128/25',
];
const ADDRESSES_URL = [
  'https://example.com:8443/a/b?c=d&c=e&f=%20x+y#frag',
  'http://user:pw@host/',
  'https://[::1]:80/x',
  'https://[::1]',
  '/path/only?x=1',
  'mailto:a@b.c',
  'not a url',
  '',
  'http://',
  'HTTP://EXAMPLE.com/Ä b',
  'https://ex ample.com',
  'https://h:port/',
  'http://h/%zz',
  'http://h?a=%zz&b=1',
  '//host/path',
  '*',
  'http://h/a%2Fb',
  'https://h:/',
  'http://h/;a=b?x;y=1',
  'file:///etc/passwd',
  'http://h/[x]',
  'http://h/a b',
  'http://1.2.3.4:80',
  'a:/b',
  '://x',
  'http://h/\\u0001',
  "http://h/'x'",
];
const VERSIONS = [
  '1.2.3',
  '1.10.0',
  '1.2.3-rc.1',
  '1.2.3-rc.2',
  '1.2.3-rc',
  '1.2.3+b',
  'v1.2.3',
  '1.2',
  '01.2.3',
  '1.2.3-01',
  '1.2.3-',
  '',
  '1.2.3.4',
  '1.2.3-alpha.1+x.y',
  '18446744073709551616.0.0',
  'v1',
  '1.02.003',
  '1.2-rc',
  '1.2.3-rc..1',
  '10.0.0',
];
const PATTERNS = [
  '^a',
  '[[:alpha:]]+',
  '(?i)ABC',
  '\\\\d+',
  '\\\\bweb\\\\b',
  '(?P<n>b)',
  '\\\\Aabc\\\\z',
  '(',
  'a{2,1}',
  '(?=a)',
  '.',
  '^$',
  '\\\\pL+',
  '(?s).',
  '[^-]+',
  'b*',
  '(a)\\\\1',
  '\\\\Qa-b\\\\E',
  '[a-z]{2,3}',
  '\\\\x41',
];
const TIMES = [
  '2026-01-01T00:00:00Z',
  '2026-01-01T00:00:00.123456789Z',
  '2026-01-01T01:00:00+01:00',
  '2026-02-30T00:00:00Z',
  '2026-01-01',
  '2026-01-01 00:00:00Z',
  '0001-01-01T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '10000-01-01T00:00:00Z',
  '2024-02-29T12:34:56Z',
];
const SPANS = [
  '1h',
  '90m',
  '1h30m',
  '-1.5h',
  '300ms',
  '1us',
  '1d',
  '',
  '1',
  '0',
  '1.5',
  '1h1',
  '.5s',
  '1.s',
  '9223372036s',
  '10000000000s',
  '-0s',
  '+5m',
];
const FORMATS = [
  "'%s'",
  "'%d'",
  "'%f'",
  "'%.2f'",
  "'%e'",
  "'%.3e'",
  "'%b'",
  "'%x'",
  "'%X'",
  "'%o'",
  "'%%'",
  "'%'",
  "'%q'",
  "'%s %s'",
  "'plain'",
  "'%5d'",
];
const VALUES = [
  "'a\"b'",
  '42',
  '-42',
  '3.14',
  '1e21',
  'true',
  'null',
  '[1, 2]',
  "['a', 'b']",
  "{'k': 1, 'a': 2}",
  "b'hi'",
  "duration('90m')",
  "timestamp('2026-01-01T00:00:00Z')",
  '42u',
  'int',
  '[3.5]',
  "{'z': 'y'}",
  'object.mixed',
];
const NAMES = [
  "'a'",
  "'a-'",
  "'-a'",
  "'A'",
  "'a.b'",
  "'a..b'",
  "'1a'",
  "''",
  "'example.com/name'",
  "'example.com/'",
  "'a/b/c'",
  "'a_b'",
  "'2026-02-29'",
  "'2024-02-29'",
  "'aGk='",
  "'not base64'",
  "'123e4567-e89b-12d3-a456-426614174000'",
  "'https://x/y'",
  "'2026-01-01T00:00:00Z'",
  `'${'a'.repeat(64)}'`,
];

function* functions(): Generator<string> {
  for (const text of TEXTS) {
    for (const name of ['lowerAscii', 'upperAscii', 'trim', 'size']) yield `${text}.${name}()`;
    yield `size(${text})`;
    yield `strings.quote(${text})`;
    for (const at of ['-1', '0', '1', '2', '3', '99']) {
      yield `${text}.charAt(${at})`;
      yield `${text}.substring(${at})`;
      for (const to of ['0', '2', '99']) yield `${text}.substring(${at}, ${to})`;
    }
    for (const part of PARTS) {
      for (const name of ['contains', 'startsWith', 'endsWith', 'indexOf', 'lastIndexOf', 'split']) yield `${text}.${name}(${part})`;
      for (const at of ['-1', '0', '1', '2', '5']) {
        yield `${text}.indexOf(${part}, ${at})`;
        yield `${text}.lastIndexOf(${part}, ${at})`;
        yield `${text}.split(${part}, ${at})`;
        yield `${text}.replace(${part}, '+', ${at})`;
      }
      yield `${text}.replace(${part}, '<$&>')`;
    }
    for (const pattern of PATTERNS) {
      yield `${text}.matches('${pattern}')`;
      yield `${text}.find('${pattern}')`;
      yield `${text}.findAll('${pattern}')`;
      yield `${text}.findAll('${pattern}', 1)`;
    }
    for (const type of ['int', 'double', 'bool', 'uint', 'bytes', 'string']) yield `${type}(${text})`;
  }
  for (const text of [
    "'1'",
    "'-5'",
    "'+5'",
    "'1.5'",
    "'1e3'",
    "'0x10'",
    "' 1'",
    "'inf'",
    "'NaN'",
    "'true'",
    "'T'",
    "'yes'",
    "'9223372036854775808'",
    "'1_000'",
    "'.5'",
    "'5.'",
    "''",
  ])
    for (const type of ['int', 'double', 'bool', 'uint', 'string', 'bytes']) yield `${type}(${text})`;
  for (const number of NUMBERS) for (const type of ['int', 'double', 'uint', 'string', 'dyn', 'type']) yield `${type}(${number})`;
  for (const quantity of QUANTITIES) {
    yield `isQuantity('${quantity}')`;
    for (const name of ['isInteger', 'asInteger', 'asApproximateFloat']) yield `quantity('${quantity}').${name}()`;
    yield `quantity('${quantity}').sub(1).isLessThan(quantity('0'))`;
    for (const other of ['0', '1', '500m', '1Gi', '1k', '0.5Gi']) {
      yield `quantity('${quantity}').compareTo(quantity('${other}'))`;
      yield `quantity('${quantity}') == quantity('${other}')`;
      yield `quantity('${quantity}').add(quantity('${other}')).isGreaterThan(quantity('1'))`;
      yield `quantity('${quantity}').add(quantity('${other}')).asApproximateFloat()`;
    }
  }
  for (const address of ADDRESSES) {
    yield `isIP('${address}')`;
    yield `string(ip('${address}'))`;
    yield `ip.isCanonical('${address}')`;
    for (const name of ['family', 'isUnspecified', 'isLoopback', 'isLinkLocalMulticast', 'isLinkLocalUnicast', 'isGlobalUnicast'])
      yield `ip('${address}').${name}()`;
    for (const network of NETWORKS) yield `cidr('${network}').containsIP('${address}')`;
  }
  for (const network of NETWORKS) {
    yield `isCIDR('${network}')`;
    yield `string(cidr('${network}'))`;
    yield `string(cidr('${network}').masked())`;
    yield `cidr('${network}').prefixLength()`;
    yield `string(cidr('${network}').ip())`;
    for (const other of NETWORKS) yield `cidr('${network}').containsCIDR('${other}')`;
  }
  for (const url of ADDRESSES_URL) {
    const text = url.includes("'") ? `"${url}"` : `'${url}'`;
    yield `isURL(${text})`;
    for (const name of ['getScheme', 'getHost', 'getHostname', 'getPort', 'getEscapedPath', 'getQuery']) yield `url(${text}).${name}()`;
  }
  for (const version of VERSIONS) {
    for (const flag of ['', ', true', ', false']) {
      yield `isSemver('${version}'${flag})`;
      for (const name of ['major', 'minor', 'patch']) yield `semver('${version}'${flag}).${name}()`;
    }
    for (const other of ['1.2.3', '1.2.3-rc.1', '1.10.0']) yield `semver('${version}').compareTo(semver('${other}'))`;
  }
  for (const time of TIMES) {
    yield `string(timestamp('${time}'))`;
    yield `int(timestamp('${time}'))`;
    for (const part of [
      'getFullYear',
      'getMonth',
      'getDate',
      'getDayOfMonth',
      'getDayOfWeek',
      'getDayOfYear',
      'getHours',
      'getMinutes',
      'getSeconds',
      'getMilliseconds',
    ]) {
      yield `timestamp(dyn('${time}')).${part}()`;
      yield `timestamp(dyn('${time}')).${part}('Europe/Berlin')`;
    }
  }
  for (const span of SPANS) {
    yield `string(duration(dyn('${span}')))`;
    for (const part of ['getHours', 'getMinutes', 'getSeconds', 'getMilliseconds']) yield `duration(dyn('${span}')).${part}()`;
  }
  for (const format of FORMATS) for (const value of VALUES) yield `${format}.format([${value}])`;
  for (const name of [
    'dns1123Label',
    'dns1123Subdomain',
    'dns1035Label',
    'qualifiedName',
    'dns1123LabelPrefix',
    'dns1123SubdomainPrefix',
    'dns1035LabelPrefix',
    'labelValue',
    'uri',
    'uuid',
    'byte',
    'date',
    'datetime',
  ])
    for (const text of NAMES) yield `format.${name}().validate(${text}).hasValue()`;
  for (const list of [
    'object.list',
    '[]',
    '[1]',
    '[2, 1]',
    "['b', 'a']",
    'object.words',
    '[1.5, 2.5]',
    '[true, false]',
    'object.mixed',
    'object.nested',
  ]) {
    for (const name of ['isSorted', 'sum', 'min', 'max', 'distinct', 'reverse', 'sort', 'flatten', 'size']) yield `${list}.${name}()`;
    for (const value of ['1', "'a'", '3.0', 'null']) {
      yield `${list}.indexOf(${value})`;
      yield `${list}.lastIndexOf(${value})`;
      yield `${value} in ${list}`;
    }
    yield `${list}.slice(0, 1)`;
    yield `${list}.slice(1, 9)`;
    for (const other of ['[1, 2, 3]', '[]', "['a']"])
      for (const name of ['contains', 'intersects', 'equivalent']) yield `sets.${name}(${list}, ${other})`;
    yield `${list}.join(',')`;
  }
  yield 'lists.range(3)';
  yield "jsonpatch.escapeKey('a/b~c')";
  yield 'format.named("dns1123Label").hasValue()';
  yield 'format.named("nothing").hasValue()';
}

function* operators(): Generator<string> {
  const values = [
    ...NUMBERS,
    "'a'",
    "b'a'",
    'true',
    'null',
    '[1]',
    "{'a': 1}",
    'object.mixed',
    "duration('1h')",
    "timestamp('2026-01-01T00:00:00Z')",
    'int',
  ];
  for (const left of values) {
    for (const right of values) {
      for (const operator of ['==', '!=', '<', '>=', '+', '-', '*', '/', '%', 'in']) yield `dyn(${left}) ${operator} dyn(${right})`;
    }
    yield `type(${left})`;
    yield `-dyn(${left})`;
    yield `!dyn(${left})`;
    yield `dyn(${left}) ? 1 : 2`;
    yield `dyn(${left}) && true`;
    yield `dyn(${left}) || true`;
    yield `object.list[dyn(${left})]`;
    yield `object.labels[dyn(${left})]`;
    yield `{1: 'x', 2: 'y'}[dyn(${left})]`;
  }
}

const MACROS = [
  'object.list.all(x, x > 0)',
  'object.list.all(x, x > 1)',
  'object.list.exists(x, x > 2)',
  'object.list.exists_one(x, x == 1)',
  'object.list.exists_one(x, x == 3)',
  'object.list.existsOne(i, x, x == 1)',
  'object.list.filter(x, x > 1)',
  'object.list.map(x, x * 2)',
  'object.list.map(x, x > 1, x * 2)',
  'object.labels.all(k, k != "")',
  'object.labels.exists(k, v, v == "web")',
  'object.labels.all(k, v, k != "" && v != "")',
  'object.labels.transformMap(k, v, v + "!")',
  'object.labels.transformMap(k, v, v != "", v + "!")',
  'object.labels.transformList(k, v, k + v).sort()',
  'object.list.transformList(i, x, i * x)',
  'object.list.transformList(i, x, x > 1, i)',
  'object.containers.transformMapEntry(i, c, {c.name: i})',
  'object.containers.transformMapEntry(i, c, {"same": i})',
  'object.containers.map(c, c.name).join("/")',
  'object.mixed.all(x, x == 1)',
  'object.mixed.exists(x, x == "a")',
  'object.mixed.exists(x, x > 100)',
  'object.mixed.all(x, x > 0)',
  'object.containers.all(c, c.resources.limits.memory != "")',
  'object.containers.exists(c, c.resources.limits.memory != "")',
  'object.containers.exists(c, c.image == "b" || c.resources.limits.cpu == "1")',
  'object.containers.exists_one(c, c.resources.limits.memory != "")',
  'object.containers.map(c, c.resources)',
  'object.containers.filter(c, has(c.resources)).size()',
  'object.containers.all(c, has(c.ports) && c.ports.all(p, p.port < 1000))',
  'has(object.labels.app)',
  'has(object.labels.nope)',
  'has(object.nope.app)',
  'has(object.none.app)',
  'has(object.name.app)',
  'object.name.all(x, true)',
  'object.replicas.map(x, x)',
  'object.words.sortBy(w, -w.size())',
  '[1, 2].all(x, [3].all(x, x == 3))',
  '[[1], []].all(l, l.size() > 0 || l == [])',
  'object.list.map(x, object.list.map(y, x * y)).flatten().sum()',
];

const OPTIONALS = [
  'object.?labels.?app.orValue("none")',
  'object.?labels.?nope.orValue("none")',
  'object.?nope.?deeper.hasValue()',
  'object.?nope.deeper.orValue(1)',
  'object.labels[?"a.b/c"]',
  'object.list[?0]',
  'object.list[?9].hasValue()',
  'object.?labels.app.value()',
  'object.?nope.value()',
  'object.?nope.or(object.?name).value()',
  'object.?name.optMap(n, n + "!").orValue("")',
  'object.?nope.optMap(n, n + "!").orValue("none")',
  'object.?labels.optFlatMap(l, l.?app).orValue("x")',
  'object.?labels.optFlatMap(l, l.?nope).orValue("x")',
  'optional.of(1) == optional.of(1)',
  'optional.of(1) == optional.none()',
  'optional.none().orValue(2)',
  'optional.ofNonZeroValue(0).hasValue()',
  'optional.ofNonZeroValue("a").value()',
  'object.?none.hasValue()',
  'object.?none.orValue("x") == null',
  'has(object.?labels.app)',
  'has(object.?nope.app)',
  'object.labels.app.orValue("x")',
  'object.list.first().orValue(0)',
  'object.list.last().orValue(0)',
  '[].first().hasValue()',
  'object.replicas.?x.hasValue()',
  'object.name[?0].hasValue()',
];

const ERRORS = [
  'object.nope',
  'object.nope == 1',
  'object.nope == 1 || true',
  'true || object.nope == 1',
  'object.nope == 1 && false',
  'false && object.nope == 1',
  'object.nope == 1 || false',
  'object.nope == 1 ? 1 : 2',
  'true ? 1 : object.nope',
  'object.name.nope',
  'object.list["a"]',
  'object.list[4]',
  'object.list[-1]',
  'object.list[1.0]',
  'object.list[1.5]',
  'object.none.x',
  'object.none == null',
  '1 / 0',
  '1 % 0',
  '9223372036854775807 + 1',
  '-9223372036854775808 - 1',
  '9223372036854775807 * 2',
  '1.0 / 0.0',
  'int(1e30)',
  'int(-1.9)',
  'uint(-1)',
  'string(1.0)',
  'string(1e6)',
  'string(1e20)',
  'string(1e21)',
  'string(0.00001)',
  'string(123456789.125)',
  'string(b"\\xff")',
  '"a" + 1',
  '[1] + [2]',
  '"a" < "b"',
  '"Z" < "a"',
  '"😀" > "\uffff"',
  '[1, 2] == [1.0, 2.0]',
  '{"a": 1} == {"a": 1.0}',
  '{"a": 1, "a": 2}',
  'object.mixed == [1, "a", true, null, 2.5]',
  'base64.encode(b"hi")',
  'reverse("abc")',
  'object.name.reverse()',
  'math.greatest(1, 2)',
  'nope(1)',
  'object.name.nope()',
  'sets.nope([1])',
  'object.name.matches(1)',
  'matches(object.name, "web")',
  'cel.bind(x, 1, x + 1)',
  'dyn(object.replicas) == 3.0',
  'type(object.replicas) == int',
  'type(object.list) == list',
  'type(object.labels) == map',
  'type(null) == null_type',
  'type(duration("1s")) == google.protobuf.Duration',
  'duration("1h") + duration("30m") == duration("90m")',
  'timestamp("2026-01-01T00:00:00Z") + duration("1h")',
  'timestamp("2026-01-02T00:00:00Z") - timestamp("2026-01-01T00:00:00Z")',
];
