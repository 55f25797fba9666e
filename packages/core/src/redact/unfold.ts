/** A text as a person reads it, with the offset in the original of each of its letters and of its end. */
export interface Unfolded {
  readonly text: string;
  readonly offsets: Uint32Array;
}

const QUOTES = '[\u2018\u2019\u201c\u201d]';
const COLOUR = String.raw`\u001b\[`;
/** Without one of these a text reads as it is written. */
const FOLDED = new RegExp(String.raw`${COLOUR}|&(?:quot|apos|amp|lt|gt|#)|%(?:25)*(?:3[aAdD]|2[26fF]|40)|\\u00[2-7]|${QUOTES}`);
const FOLD = new RegExp(
  String.raw`${COLOUR}[\d;]{0,16}[A-Za-z]|&(?:quot|apos|amp|lt|gt|#\d{2,4}|#x[\da-f]{2,4});|%[2-7][\da-f]|\\u00[2-7][\da-f]|${QUOTES}`,
  'gi',
);
const ENTITIES: Readonly<Record<string, string>> = { '&quot;': '"', '&apos;': "'", '&amp;': '&', '&lt;': '<', '&gt;': '>' };

/** Colours taken out; entities of HTML, escapes of addresses and of JSON, and curled quotes as what they stand for. Undefined: there are none. */
export function unfolded(text: string): Unfolded | undefined {
  if (!FOLDED.test(text)) return undefined;
  const offsets = new Uint32Array(text.length + 1);
  let [result, length, at] = ['', 0, 0];
  const keep = (until: number) => {
    result += text.slice(at, until);
    for (; at < until; at++) offsets[length++] = at;
  };
  for (const match of text.matchAll(FOLD)) {
    keep(match.index);
    const plain = meaningOf(match[0].toLowerCase());
    result += plain;
    if (plain !== '') offsets[length++] = at;
    at += match[0].length;
  }
  keep(text.length);
  offsets[length] = text.length;
  return { text: result, offsets: offsets.subarray(0, length + 1) };
}

function meaningOf(fold: string): string {
  if (fold.startsWith('\u001b')) return '';
  if (fold.startsWith('&'))
    return ENTITIES[fold] ?? letter(fold.startsWith('&#x') ? Number.parseInt(fold.slice(3), 16) : Number.parseInt(fold.slice(2), 10));
  if (fold.startsWith('%')) return letter(Number.parseInt(fold.slice(1), 16));
  if (fold.startsWith('\\')) return letter(Number.parseInt(fold.slice(2), 16));
  return fold < '\u201c' ? "'" : '"';
}

function letter(code: number): string {
  return code >= 32 && code < 0xd800 ? String.fromCharCode(code) : ' ';
}
