import { parseFieldPath } from '@tier0/core';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { editYaml, type YamlEdit } from './yaml.ts';

function edit(text: string, path: string, change: Omit<YamlEdit, 'path'>): string {
  const result = editYaml(text, { path: parseFieldPath(path), ...change });
  return result.status === 'edited' ? result.text : `${result.status}: ${'reason' in result ? result.reason : ''}`;
}

const DEPLOYMENT = `# payment
apiVersion: apps/v1
kind: Deployment
metadata: {name: payment, labels: {app: payment}}   # flow
spec:
  replicas: 2 # two
  template:
    spec:
      containers:
      - name: payment   # main
        image: "shop/payment:3.2.4"
        resources:
          limits:
            memory: 512Mi   # grew twice
      # the end
      - name: 'sidecar'
        image: 'envoy:1'
        env: []
`;

const LIMIT = 'spec.template.spec.containers[name=payment].resources.limits.memory';

describe('replacing a value', () => {
  test('only the value changes, comments and layout stay', () => {
    expect(edit(DEPLOYMENT, LIMIT, { expectOld: '512Mi', value: '1Gi' })).toBe(DEPLOYMENT.replace('512Mi', '1Gi'));
  });

  test('quotes stay the quotes they were', () => {
    const image = 'spec.template.spec.containers[name=payment].image';
    expect(edit(DEPLOYMENT, image, { expectOld: 'shop/payment:3.2.4', value: 'shop/payment:3.2.3' })).toContain(
      'image: "shop/payment:3.2.3"\n',
    );
    const sidecar = 'spec.template.spec.containers[name=sidecar].image';
    expect(edit(DEPLOYMENT, sidecar, { expectOld: 'envoy:1', value: "it's" })).toContain("image: 'it''s'\n");
  });

  test.each([
    'yes',
    'no',
    'on',
    'y',
    '0755',
    '1e3',
    '12:30',
    '0x1F',
    '1_000',
    '2026-11-22',
    'null',
    '~',
    '',
    '<<',
    'x # y',
    'a: b',
    '*x',
    '-',
    '.inf',
    '0X1F',
    '0b11',
    '1_000.5',
    '+1',
    '.5',
    '0o17',
    '190:20:30',
    'a\u2028b',
    'a\u0085b',
    '\ta',
    '{x}',
    '---',
    '%x',
    '\ufeffa',
  ])('the string %j is quoted so that no YAML reader takes it for something else', (value) => {
    const text = edit('a: old\nb: 1\n', 'a', { expectOld: 'old', value });
    for (const version of ['1.1', '1.2'] as const) expect(parse(text, { version })).toEqual({ a: value, b: 1 });
  });

  test('a literal block keeps its indentation and its header comment', () => {
    const text = 'data:\n    app.conf: | # read at start\n        one\n\n        two\n    other: x\n';
    const changed = edit(text, 'data["app.conf"]', { expectOld: 'one\n\ntwo\n', value: 'one\n\nthree\n' });
    expect(changed).toBe(text.replace('two', 'three'));
  });

  test('a map takes the place of a map', () => {
    const text = 'spec:\n  selector:\n    app: a\n  ports: []\n';
    expect(edit(text, 'spec.selector', { expectOld: { app: 'a' }, value: { app: 'b', tier: 'x' } })).toBe(
      'spec:\n  selector:\n    app: b\n    tier: x\n  ports: []\n',
    );
  });
});

describe('adding what is missing', () => {
  const limits = 'spec.containers[name=a].resources.limits.memory';

  test("a missing path is added in the file's own indentation", () => {
    const text = 'spec:\n    containers:\n        - name: a\n          image: x # pinned\n        - name: b\n';
    expect(edit(text, limits, { value: '1Gi' })).toBe(
      'spec:\n    containers:\n        - name: a\n          image: x # pinned\n          resources:\n              limits:\n                  memory: 1Gi\n        - name: b\n',
    );
  });

  test.each([
    ['{}', 'resources: {} # none\n', 'resources: # none\n  limits:\n    memory: 1Gi\n'],
    ['null', 'resources: null\n', 'resources:\n  limits:\n    memory: 1Gi\n'],
    ['nothing', 'resources:\nname: a\n', 'resources:\n  limits:\n    memory: 1Gi\nname: a\n'],
    ['a flow map', 'resources: {limits: {cpu: 1}}\n', 'resources: {limits: {cpu: 1, memory: 1Gi}}\n'],
    ['a block map without a last line break', 'resources:\n  limits:\n    cpu: 1', 'resources:\n  limits:\n    cpu: 1\n    memory: 1Gi'],
  ])('%s becomes a map with the key', (_, before, after) => {
    expect(edit(before, 'resources.limits.memory', { value: '1Gi' })).toBe(after);
  });

  test('JSON stays JSON', () => {
    const text = '{\n  "spec": {\n    "replicas": 1\n  }\n}\n';
    const changed = edit(text, 'spec.paused', { value: true });
    expect(JSON.parse(changed)).toEqual({ spec: { replicas: 1, paused: true } });
    expect(changed).toBe('{\n  "spec": {\n    "replicas": 1,\n    "paused": true\n  }\n}\n');
  });

  test('a list gets an entry, empty or not', () => {
    const empty = edit(DEPLOYMENT, 'spec.template.spec.containers[name=sidecar].env[name=A].value', { value: 'yes' });
    expect(empty).toContain('        env:\n        - name: A\n          value: "yes"\n');
    const filled = edit('env:\n  - name: A\n    value: x\nlast: 1\n', 'env[name=B].value', { value: 'z' });
    expect(filled).toBe('env:\n  - name: A\n    value: x\n  - name: B\n    value: z\nlast: 1\n');
  });
});

describe('removing', () => {
  test.each([
    ['a key', 'a: 1 # one\nb: 2\n', 'a', 1, 'b: 2\n'],
    ['a nested map', 'a:\n  x:\n    y: 1\n  z: 2\n', 'a.x', { y: 1 }, 'a:\n  z: 2\n'],
    ['the only key', 'a:\n  x: 1\nb: 2\n', 'a.x', 1, 'a: {}\nb: 2\n'],
    ['the first key of an entry', 'l:\n  - a: 1\n    b: 2\n', 'l[0].a', 1, 'l:\n  - b: 2\n'],
    ['a list entry', 'l:\n- a\n- b\n', 'l[0]', 'a', 'l:\n- b\n'],
    ['a flow entry', 'l: [a, b, c]\n', 'l[2]', 'c', 'l: [a, b]\n'],
    ['a tagged flow entry', 'l: [!!int "3", [b]]\n', 'l[0]', 3, 'l: [[b]]\n'],
    ['a key behind a question mark', '? a\n: 1\nb: 2\n', 'a', 1, 'b: 2\n'],
    ['an empty entry', '- a\n-\n- b\n', '[1]', null, '- a\n- b\n'],
  ])('%s', (_, before, path, expectOld, after) => {
    expect(edit(before, path, { expectOld })).toBe(after);
  });
});

describe('forms that are rare', () => {
  test.each([
    ['an indicated indentation', 'a: |2 # c\n    x\n   y\nb: 1\n', 'a', '  x\n y\n', ' p\nq\n', 'a: |2 # c\n   p\n  q\nb: 1\n'],
    ['a folded text', 'a: >-\n    x\n    y\n\n\nb: 1\n', 'a', 'x y', 'p\nq', 'a: |-\n    p\n    q\n\n\nb: 1\n'],
    ['a text that becomes one word', 'a: | # c\n  x\n\nb: 1\n', 'a', 'x\n', 'w', 'a: w # c\n\nb: 1\n'],
    ['a key behind a question mark', '? a\n: 1\n? b\n: 2\n', 'c', undefined, 3, '? a\n: 1\n? b\n: 2\nc: 3\n'],
    ['an anchored empty map', 'a: &x {} # c\n', 'a.b', undefined, 1, 'a: &x # c\n  b: 1\n'],
    ['an anchored nothing', 'a: &x\nb: 1\n', 'a.b', undefined, 1, 'a: &x\n  b: 1\nb: 1\n'],
    ['an anchored first key', '&x a: 1\n', 'b', undefined, 1, '&x a: 1\nb: 1\n'],
    ['lists in lists', '- - x\n  - y\n- z\n', '[0][2]', undefined, 'w', '- - x\n  - y\n  - w\n- z\n'],
    ['a flow key without a value', '{a, b: , c}\n', 'b.x', undefined, 1, '{a, b: {x: 1} , c}\n'],
    ['a flow map with a last comma', 'a: {\n  b: 1,\n}\n', 'a.c', undefined, 2, 'a: {\n  b: 1,\n  c: 2\n}\n'],
    ['compact JSON', '{"a":{"b":1},"c":[1,2]}', 'c[2]', undefined, 3, '{"a":{"b":1},"c":[1,2,3]}'],
    ['a text in JSON where a number was', '{"a":1}', 'a', 1, 'x', '{"a":"x"}'],
    ['JSON with tabs', '{\n\t"a": 1\n}\n', 'b.c', undefined, 'd', '{\n\t"a": 1,\n\t"b": {"c":"d"}\n}\n'],
    ['a last dash without a line break', '- x\n-', '[1].a.b', undefined, 1, '- x\n- a:\n    b: 1'],
    ['an empty entry', '-\n- x # c\n', '[0]', null, { a: 'p\nq' }, '- a: |-\n    p\n    q\n- x # c\n'],
    ['a comment behind an entry that grows', '- {} # c\n', '[0]', {}, { a: 1, b: 2 }, '- a: 1 # c\n  b: 2\n'],
    ['an empty file', '', 'a.b', undefined, 'c', 'a:\n  b: c\n'],
    ['a file with comments only', '# c\n', 'a', undefined, 1, '# c\na: 1\n'],
    ['an empty JSON object', '{}\n', 'a', undefined, 1, '{"a":1}\n'],
  ] as const)('%s', (_, before, path, expectOld, value, after) => {
    expect(edit(before, path, { expectOld, value })).toBe(after);
  });

  test('numbers stay numbers for every reader', () => {
    for (const value of [1e21, 1e-7, -0, 0.5, -12]) {
      for (const version of ['1.1', '1.2'] as const) expect(parse(edit('a: 1\n', 'b', { value }), { version })).toEqual({ a: 1, b: value });
    }
  });
});

describe('bytes that must survive', () => {
  test('Windows line breaks and a byte order mark', () => {
    const text = '\uFEFFa:\r\n  b: 1\r\nc: 2\r\n';
    expect(edit(text, 'a.d', { value: 'x' })).toBe('\uFEFFa:\r\n  b: 1\r\n  d: x\r\nc: 2\r\n');
  });

  test('a last line without a line break, whatever the new value ends with', () => {
    expect(edit('a: 1', 'b', { value: 'x\ny\n' })).toBe('a: 1\nb: "x\\ny\\n"');
    expect(edit('a: |\n  x', 'a', { expectOld: 'x\n', value: 'y\nz\n' })).toBe('a: "y\\nz\\n"');
  });

  test('the other documents of the file', () => {
    const text = `a: 1\n---\n# second\nb: {}\n---\n${DEPLOYMENT}`;
    expect(edit(text, LIMIT, { document: 2, expectOld: '512Mi', value: '1Gi' })).toBe(text.replace('512Mi', '1Gi'));
  });

  test('bytes that are not UTF-8 are refused, not replaced', () => {
    expect(editYaml(new Uint8Array([0x61, 0x3a, 0x20, 0xff]), { path: ['a'], expectOld: 1, value: 2 }).status).toBe('refused');
  });
});

describe('refusing', () => {
  test.each([
    ['a merge key that merges no map', 'a:\n  <<: 1\n', 'a.b', undefined, 'taken apart'],
    ['a value with a tag of its own', 'a: !!int "3"\n', 'a', 3, 'tag'],
    ['a value through an alias', 'x: &l {m: 1}\ny: *l\n', 'y.m', 1, 'alias'],
    ['a value that an alias repeats', 'x: &l {m: 1}\ny: *l\n', 'x.m', 1, '&l'],
    ['a value that is a template expression', 'm: 1\nx: {{ .Values.x }}\n', 'x', { '{ .Values.x }': null }, 'template'],
    ['a place below a template expression', 'm: 1\nx: {{ .Values.x }}\n', 'x.y', undefined, 'template'],
    ['a template that decides how the document is built', 'm: 1\n{{ if x }}:\n  c: 1\n', 'm', 1, 'template'],
    ['lines of a template inside a text', 'a: x\n  {{ if b }}\nm: 1\n', 'm', 1, 'template'],
    ['a value that is a template', 'm: "{{ .Values.m }}"\n', 'm', '{{ .Values.m }}', 'template'],
    ['a syntax error, with its place', 'm: 1\n  n: [\n', 'm', 1, 'line 1, column 4'],
    ['a document that is not there', 'm: 1\n', 'm', 1, 'no'],
    ['a path through a text', 'm: text\n', 'm.n', undefined, 'no place'],
  ])('%s', (_, text, path, expectOld, words) => {
    const document = words === 'no' ? 3 : 0;
    const result = editYaml(text, { document, path: parseFieldPath(path), expectOld, value: 2 });
    expect(result).toMatchObject({ status: 'refused', reason: expect.stringContaining(words) });
  });

  test('templates elsewhere are data, and stay byte for byte', () => {
    const text = 'm: 1\nx: {{ .Values.x }}\nl:\n  - {{ .y }}\n  - plain {{ $z }} text\nq: "{{ .Values.q }}"\n';
    expect(edit(text, 'm', { expectOld: 1, value: 2 })).toBe(text.replace('m: 1', 'm: 2'));
  });

  test('an aliased place is edited when its repeats say something else themselves', () => {
    const text = 'x: &l\n  m: 1\n  n: 2\ny:\n  <<: *l\n  m: 5\n';
    expect(edit(text, 'x.m', { expectOld: 1, value: 3 })).toBe(text.replace('m: 1', 'm: 3'));
  });

  test('a value through a merge key is set where it is wanted, and cannot be removed there', () => {
    const text = 'x: &l\n  m: 1\ny:\n  <<: *l\nz: *l\n';
    expect(edit(text, 'y.m', { expectOld: 1, value: 3 })).toBe('x: &l\n  m: 1\ny:\n  <<: *l\n  m: 3\nz: *l\n');
    expect(edit(text, 'y.m', { expectOld: 1 })).toContain('merge key');
  });

  test.each([
    ['a lone carriage return', 'a: 1\rb: 2\n', 'carriage return'],
    ['a control character', 'a: "x\u0000"\n', 'U+0000'],
    ['two entries of one name', 'a: 1\nl: [{name: x}, {name: x}]\n', 'several entries', 'l[name=x].v'],
    ['an entry whose key is a number', 'l:\n- port: 80\n', 'not the text', 'l[port=80].v'],
    ['a second value under one key that would come to light', 'a: 1\na: 2\n', 'more than this field', 'a', 2],
  ])('%s', (_, text, words, path = 'z', expectOld = undefined) => {
    const result = editYaml(text, { path: parseFieldPath(path), expectOld, ...(expectOld === undefined ? { value: 2 } : {}) });
    expect(result).toMatchObject({ status: 'refused', reason: expect.stringContaining(words) });
  });

  test('values that no YAML text can hold', () => {
    expect(editYaml('a: 1\n', { path: ['b'], value: '\ud800' })).toMatchObject({ status: 'refused' });
    expect(editYaml('a: 1\n', { path: ['b'], value: Number.NaN })).toMatchObject({ status: 'refused' });
  });

  test('a text nested without measure', () => {
    expect(editYaml(`a: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`, { path: ['b'], value: 1 })).toMatchObject({ status: 'refused' });
  });

  test('an old value that moved', () => {
    expect(editYaml(DEPLOYMENT, { path: parseFieldPath(LIMIT), expectOld: '256Mi', value: '1Gi' })).toMatchObject({
      status: 'precondition-failed',
      found: '512Mi',
    });
  });

  test('nothing to do is said', () => {
    expect(editYaml(DEPLOYMENT, { path: parseFieldPath(LIMIT), expectOld: '256Mi', value: '512Mi' })).toEqual({ status: 'no-change' });
  });

  test('an alias bomb does not exhaust memory', () => {
    const bomb = `a0: &a0 [x]\n${Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(9).fill(`*a${n}`).join(', ')}]`).join('\n')}\n`;
    expect(editYaml(bomb, { path: ['z'], value: 1 }).status).toBe('refused');
  });
});
