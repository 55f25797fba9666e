import { compile } from '@jmespath-community/jmespath';
import { UndecidableQuery } from './query-value.ts';

/** The tree of a JMESPath expression. */
export type QueryNode = ReturnType<typeof compile>;

const parsed = new Map<string, QueryNode>();

/** Parses an expression of JMESPath as Kyverno's dialect writes it. Throws UndecidableQuery for what is not understood. */
export function parseQuery(text: string): QueryNode {
  const known = parsed.get(text);
  if (known) return known;
  try {
    const node = compile(withRawTexts(text));
    if (parsed.size > 1000) parsed.clear();
    parsed.set(text, node);
    return node;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UndecidableQuery(`the expression ${JSON.stringify(text)} is not understood: ${reason}`);
  }
}

/** Between single quotes Kyverno knows one escape, `\'`; the parser knows `\\` too, so that a pattern would lose its backslashes. */
function withRawTexts(text: string): string {
  return text.replace(/"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|'(?:\\'|[^'])*'/gs, (token) =>
    token.startsWith("'") ? token.replace(/\\(?!')/g, '\\\\') : token,
  );
}
