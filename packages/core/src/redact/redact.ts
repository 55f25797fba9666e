/** Where a secret was found and what kind it looks like; never the secret itself. */
export interface Redaction {
  readonly kind: string;
  /** How many were removed. */
  readonly count: number;
}

interface SecretShape {
  readonly kind: string;
  readonly pattern: RegExp;
  /** Keeps what is not secret, e.g. the key before the value. */
  readonly replacement: string;
}

/** Shapes of secrets. Each removes too much rather than too little, and every repetition is bounded, so time grows with the text only. */
const SECRET_SHAPES: readonly SecretShape[] = [
  {
    kind: 'private-key',
    pattern: /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    replacement: '[redacted private-key]',
  },
  { kind: 'jwt', pattern: /\beyJ[\w-]{8,512}\.[\w-]{8,}(?:\.[\w-]*)?/g, replacement: '[redacted jwt]' },
  {
    kind: 'url-credentials',
    pattern: /\b([a-z][a-z0-9+.-]{0,20}:\/\/)(?!\[redacted)[^\s@"'<>]{1,512}@(?=[\w.[-])/gi,
    replacement: '$1[redacted url-credentials]@',
  },
  {
    kind: 'authorization',
    pattern:
      /\b(authorization["']?\s{0,8}[:=]\s{0,8}["']?(?:(?:basic|bearer|token)\s{1,8})?)(?!\[redacted|(?:basic|bearer|token)\b)[^\s"',;]+/gi,
    replacement: '$1[redacted authorization]',
  },
  { kind: 'bearer', pattern: /\b(bearer\s{1,8})(?!\[redacted)[\w.~+/-]{12,}=*/gi, replacement: '$1[redacted bearer]' },
  { kind: 'aws-access-key', pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, replacement: '[redacted aws-access-key]' },
  {
    kind: 'forge-token',
    pattern: /\b(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{16,})/g,
    replacement: '[redacted forge-token]',
  },
  {
    // How Kubernetes writes it: a list entry whose name tells, with its value beside or below it.
    kind: 'named-value',
    pattern:
      /(name["']?\s{0,8}:\s{0,8}["']?[\w.-]{0,64}?(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential|pgpass)s?[\w.-]{0,64}["']?\s{0,4},?\s{0,64}[+-]?\s{0,64}["']?value["']?\s{0,8}:\s{0,8})("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?!\[redacted)[^\s"',}]+)/gi,
    replacement: '$1[redacted named-value]',
  },
  {
    // A block scalar: everything on the lines below that are indented.
    kind: 'block',
    pattern:
      /((?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|credential)s?[\w.-]{0,64}["']?\s{0,8}:\s{0,8}[|>][+-]?\d?[ \t]{0,8}\n)((?:[ \t]+[^\n]*\n?)+)/gi,
    replacement: '$1[redacted block]\n',
  },
  {
    kind: 'flag',
    pattern:
      /((?:^|\s)--?[\w-]{0,40}(?:password|passwd|passphrase|secret|token|api-?key|credential)[\w-]{0,40}[ =])(?!\[redacted)[^\s"']+/gim,
    replacement: '$1[redacted flag]',
  },
  { kind: 'cookie', pattern: /\b((?:set-)?cookie["']?\s{0,8}:\s{0,8})(?!\s*\[redacted)[^\n"]+/gi, replacement: '$1[redacted cookie]' },
  {
    kind: 'assignment',
    pattern:
      /((?:password|passwd|passphrase|pwd|pgpass|secret|token|api[_-]?key|access[_-]?key|credential)s?[\w.-]{0,64}["']?\s{0,8}[:=][ \t]{0,8})("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|(?!\[redacted|[|>])[^\s"',;&}]+)/gi,
    replacement: '$1[redacted assignment]',
  },
];

/** Removes what looks like a secret from a text before it is logged, stored or sent. Linear in the text's length. */
export function redact(text: string): string {
  return SECRET_SHAPES.reduce((rest, shape) => rest.replace(shape.pattern, shape.replacement), text);
}

/** What `redact` would remove, by kind; for reports that say so without showing it. */
export function findRedactions(text: string): readonly Redaction[] {
  return SECRET_SHAPES.flatMap((shape) => {
    const count = [...text.matchAll(shape.pattern)].length;
    return count > 0 ? [{ kind: shape.kind, count }] : [];
  });
}
