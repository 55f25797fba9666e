/** Text that is already HTML and goes in as it is. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | false | readonly Part[];

/** Builds HTML; every interpolated text is escaped, so an answer of a tool can never become markup. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: strings.reduce((text, piece, index) => text + render(parts[index - 1]) + piece) };
}

function render(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(render).join('');
  return escapeMarkup(String(part));
}

/** Escapes what means something in HTML text and attributes, and makes control characters visible. */
export function escapeMarkup(text: string): string {
  return [...text].map((character) => ESCAPED.get(character) ?? (isHidden(character) ? '\ufffd' : character)).join('');
}

const ESCAPED = new Map([...'&<>"\'`'].map((character) => [character, `&#${character.charCodeAt(0)};`]));

/** Control characters and the marks that turn the direction of writing, which can make a text look like another one. */
function isHidden(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const isControl = (code < 32 && code !== 9 && code !== 10) || (code >= 127 && code < 160);
  return isControl || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}
