/** One operation of an OpenAPI document. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  /** Names of query parameters. */
  readonly query: readonly string[];
  /** Properties of the JSON body; undefined where there is none. */
  readonly body: readonly string[] | undefined;
  readonly isStream: boolean;
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema?: { readonly properties?: object } }>> };
  readonly responses: Readonly<Record<string, { readonly content?: object }>>;
}

/** Every operation that a document describes, and the paths beside it that everybody can guess. */
export function operationsOf(document: object): readonly Operation[] {
  const { paths } = document as { paths: Readonly<Record<string, Readonly<Record<string, Described>>>> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): Operation => {
      const properties = operation.requestBody?.content['application/json']?.schema?.properties;
      return {
        method: method.toUpperCase(),
        path,
        query: (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name),
        body: operation.requestBody === undefined ? undefined : Object.keys(properties ?? {}),
        isStream: Object.keys(operation.responses['200']?.content ?? {}).includes('text/event-stream'),
      };
    }),
  );
  const plain = (method: string, path: string, body?: readonly string[]): Operation => ({ method, path, query: [], body, isStream: false });
  return [
    ...described,
    plain('POST', '/webhooks/alertmanager/{cluster}', ['version', 'groupKey', 'status', 'alerts']),
    plain('POST', '/webhooks/forge/{cluster}', ['action', 'pull_request']),
    plain('POST', '/login', ['token']),
    ...['/', '/incidents', '/incidents/{id}', '/graph', '/audit', '/metrics', '/healthz', '/readyz', '/{any}', '/assets/{any}'].map(
      (path) => plain('GET', path),
    ),
  ];
}

/** Words that break what takes them for ordinary ones. */
export const hostileWords: readonly string[] = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  'NaN',
  'null',
  'undefined',
  'true',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '%00',
  '%zz',
  '\u0000',
  '\u202e',
  '%ed%a0%bd',
  '💥'.repeat(50),
  "' or 1=1 --",
  '<script>alert(1)</script>',
  '{{7*7}}',
  '2026-13-45T99:99:99Z',
  '9999-12-31T23:59:59Z',
  '-271821-04-20T00:00:00Z',
  'kubernetes:production/shop/Pod/web',
  'kind:Pod name:(((((',
  '('.repeat(2_000),
  'a'.repeat(10_000),
  '1,2,3',
  '[1]',
  '{"a":1}',
];

/** Bodies that are none, or hardly: right names with wrong values, wrong shapes, text that ends too early. */
export function brokenBodies(properties: readonly string[] | undefined, word: () => string): readonly string[] {
  const names = properties ?? ['a'];
  const values: readonly unknown[] = [word(), 7, -0.5, null, true, [], {}, [[[[word()]]]], { toString: 1 }, word()];
  const filled = Object.fromEntries(names.map((name, index) => [name, values[(index + word().length) % values.length]]));
  const text = JSON.stringify(filled);
  return [
    text,
    text.slice(0, Math.max(1, text.length - 3)),
    '',
    'null',
    '[]',
    '"text"',
    '{"__proto__":{"isAdmin":true}}',
    `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
    `{"a":"${'x'.repeat(100_000)}"}`,
    '\ufeff{}',
    '{"a":1}{"b":2}',
    'not json at all',
  ];
}

/** What is no HTTP, or hardly. */
export const rawRequests: readonly string[] = [
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/9.9\r\nHost: a\r\n\r\n',
  'GET  //  HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  'GET /%ff%fe%00 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  'GET http://[::1 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  'GET //// HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
  'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 10\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n',
  'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999\r\nConnection: close\r\n\r\nx',
  'POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'y'.repeat(70_000)}\r\n\r\n`,
  'HELO example\r\n',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
];
