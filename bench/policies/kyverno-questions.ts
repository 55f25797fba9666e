/** A question to Kyverno's JMESPath, or to one of its condition operators. */
export type KyvernoQuestion =
  | { readonly query: string; readonly data: unknown }
  | { readonly operator: string; readonly key: unknown; readonly value: unknown };

const TEXTS = [
  ...["''", "'abc'", "'a-b-c'", "'ABC xyz'", "'5'", "'1Gi'", "'1h30m'", "'2026-01-01T00:00:00Z'", "'2026-01-02T03:04:05Z'", "'nginx:1'"],
  ...[`'registry.example:5000/a/b@sha256:${'a'.repeat(64)}'`, "'x*y'", "' pad '", "'YQ=='", `'{"a": [1]}'`, "'a: 1'", "'/a/../b/'"],
  ...["'true'", "'1.2.3'", "'Ü😀'"],
];
const NUMBERS = ['`0`', '`1`', '`-2`', '`2.5`', '`1000000`'];
const OTHERS = [
  ...['`null`', '`true`', '`[]`', '`{}`', '`[1,2,3]`', '`["b","a"]`', '`[null,"a"]`', '`{"a":1,"b":"x"}`', '`[{"a":1},{"a":2},{}]`'],
  ...['object.nothing', 'object.list', 'object.map', 'object.items'],
];
const VALUES = [...TEXTS, ...NUMBERS, ...OTHERS];

/** What the expressions look at. */
export const KYVERNO_DATA = {
  object: {
    list: [3, 1, 2],
    words: ['b', 'a', 'ü'],
    map: { x: '1', y: 'z' },
    items: [
      { a: 1, c: ['x', 'y'] },
      { a: 2, b: true },
      { b: '', c: [] },
    ],
    nested: [[1, [2]], [3], 4],
    text: 'hello',
    zero: 0,
    empty: '',
    off: false,
    none: null,
    'a.b': 7,
  },
};

const ONE =
  'length abs ceil floor avg max min sum sort reverse to_array to_string to_number not_null type to_upper to_lower to_boolean base64_decode base64_encode path_canonicalize parse_json parse_yaml image_normalize sha256 sha1 md5 time_utc'.split(
    ' ',
  );
const TWO =
  'starts_with ends_with contains join merge compare equal_fold trim trim_prefix split regex_match pattern_match label_match add subtract multiply divide modulo round truncate lookup object_from_lists time_diff time_before time_after time_add'.split(
    ' ',
  );

/** Expressions without a function, and those with functions that take expressions. */
export const KYVERNO_PATHS: readonly string[] = String.raw`
object · object.list[0] · object.list[-1] · object.list[9] · object.list[1:] · object.list[::-1] · object.list[:-1] · object.list[::2]
object.list[5:1:-1] · object.items[].a · object.items[*].b · object.items[?a==${'`1`'}] · object.items[?a>${'`1`'}].a · object.items[?b].b
object.items[?!b] · object.map.*.x · object.nothing.x · object.nothing[] · object.nothing[*].a · object.nothing || 'd' · object.list && 'y'
object.nothing && 'y' · !object.nothing · length(object.map.keys(@)) · object.[list, nothing] · object.{a: list, b: nothing} · object.list[]
object.nested[] · object.nested[][] · object.items[].c[] · object.items[*].c[*] · object."a.b" · object.text.x · object.text[] · object.text[0]
object.zero || ${'`5`'} · object.empty || ${'`5`'} · object.off || ${'`5`'} · max_by(object.items, &a) · min_by(object.items[?a], &a)
sort_by(object.items[?a], &a)[].a · map(&a, object.items) · map(&to_string(@), object.list) · items(object.map, 'k', 'v')
items(object.list, 'k', 'v') · object.list[?contains(@, ${'`1`'})] · object.words[?contains(@, 'a')] · object.words[].to_upper(@)
object.map.*.to_upper(@) · object.list == ${'`[3,1,2]`'} · object.map != object.map · object.text < ${'`3`'} · object.list[0] < ${'`9`'}
object.items[].a | [0] · object.items[].a | length(@) · object.nothing | length(@) · length(object.nothing || ${'`[]`'}) · object.none
object.none.x · object.none || ${'`1`'} · object.items[?c[?contains(@,'x')]] · object.words[0].length(@) · object.items[0:2].a
object.text.contains(@, 'e') · object.nothing.keys(@) · to_string(object.map) · to_string('<a>&') · a.b.c · [0] · sum(object.list)
sum(${'`["1h","30m"]`'}) · sum(${'`[]`'}) · length() · length(${'`1`'},${'`2`'}) · 'it\'s' · regex_match('\d+', '12') · 'a\b'
`
  .trim()
  .split(/ · |\n/);

/** Every function on values that are easy to get wrong, every operator on every pair of such values. */
export function kyvernoQuestions(): readonly KyvernoQuestion[] {
  const queries = [
    ...KYVERNO_PATHS,
    ...ofOne(),
    ...TWO.flatMap((name) => VALUES.flatMap((a) => VALUES.map((b) => `${name}(${a}, ${b})`))),
    ...ofMore(),
  ];
  const pairs = OPERATORS.flatMap((operator) => OPERANDS.flatMap((key) => OPERANDS.map((value) => ({ operator, key, value }))));
  return [...queries.map((query) => ({ query, data: KYVERNO_DATA })), ...pairs];
}

function ofOne(): readonly string[] {
  return ONE.flatMap((name) => VALUES.map((value) => `${name}(${value})`));
}

function ofMore(): readonly string[] {
  const patterns = ["'a'", "'b*'", "'(a)(b)'", "'^'", "'[a-c]'", "'('", String.raw`'\d+'`, "'x?'"];
  const templates = ["''", "'$1-$2'", "'[$0]'", "'$$'", `'$${'{1}x'}'`, String.raw`'\1'`];
  const literal = ['regex_replace_all', 'regex_replace_all_literal'];
  return [
    ...literal.flatMap((name) =>
      patterns.flatMap((by) => TEXTS.flatMap((text) => templates.map((to) => `${name}(${by}, ${text}, ${to})`))),
    ),
    ...TEXTS.flatMap((text) => ["'a'", "'-'", "'b-'"].flatMap((old) => NUMBERS.map((most) => `replace(${text}, ${old}, 'Z', ${most})`))),
    ...TEXTS.flatMap((text) => [`replace_all(${text}, '-', '+')`, `time_since('', ${text}, '2026-03-01T00:00:00Z')`]),
    ...TEXTS.map((text) => `time_between('2026-01-02T00:00:00Z', ${text}, '2027-01-01T00:00:00Z')`),
  ];
}

/** Names of the operators. */
export const OPERATORS: readonly string[] =
  'Equal Equals NotEqual NotEquals In AnyIn AllIn NotIn AnyNotIn AllNotIn GreaterThanOrEquals GreaterThan LessThanOrEquals LessThan DurationGreaterThanOrEquals DurationGreaterThan DurationLessThanOrEquals DurationLessThan'.split(
    ' ',
  );

/** What stands on either side of them. */
export const OPERANDS: readonly unknown[] = [
  ...[null, true, false, 0, 1, 5, 2.5, -3, 1000000, '', '0', '1', '5', '2.5', 'a', 'abc', 'a*', '*', '?', '1Gi', '1024Mi', '500m', '0.5'],
  ...['1h', '60m', '3600s', '5s', '1-10', '1Mi-1Gi', '5-', '["a","b"]', '["a*"]', '[1]', 'null', 'true', '1.2.3', '1.10.0', '1.2.3-rc.1'],
  ...['x y', [], ['a'], ['b'], ['a', 'b'], ['a*', 'x'], ['*'], [1, 2], [true], [null], ['1-10'], {}, { a: 1 }, { a: 1, b: ['x'] }],
  ...[['5', '7'], ['abc'], '1e3', '+5', '>=5', '!a', '10!-20'],
];
