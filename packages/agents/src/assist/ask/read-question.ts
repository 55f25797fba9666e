import type { CmdbReader } from '@tier0/core';
import type { GraphQuery } from './graph-query.ts';

type Which = Extract<GraphQuery, { ask: 'list' }>['items'];

interface Form {
  readonly pattern: RegExp;
  readonly query: (match: RegExpExecArray, which: (words: string) => Which) => GraphQuery;
}

const FORMS: readonly Form[] = [
  {
    pattern: /^(?:who|which team) (?:owns|is responsible for|answers for) (.+)$/i,
    query: ([, words = ''], which) => ({ ask: 'owner', items: which(words) }),
  },
  { pattern: /^(?:what is )?the owner of (.+)$/i, query: ([, words = ''], which) => ({ ask: 'owner', items: which(words) }) },
  {
    pattern:
      /^(?:what|which)(?: (\w+))? (?:depends? on|would be hit by(?: a failure of)?|is affected (?:when|if)|breaks? (?:when|if)) (.+?)(?: (?:fails|breaks|is down|dies))?$/i,
    query: ([, kind, words = ''], which) => ({ ask: 'impact', items: which(words), direction: 'downstream', ...kindOf(kind) }),
  },
  {
    pattern: /^(?:what|which)(?: (\w+))? (?:does|do|can) (.+?) depend on$/i,
    query: ([, kind, words = ''], which) => ({ ask: 'impact', items: which(words), direction: 'upstream', ...kindOf(kind) }),
  },
  {
    pattern:
      /^what (?:has )?changed (?:at|near|in|around) (.+?) (?:in|during|within) the (?:last|past) (\d+) ?(minute|min|m|hour|h|day|d)s?$/i,
    query: ([, words = '', count = '1', unit = 'h'], which) => ({
      ask: 'changes',
      items: which(words),
      hours: Number(count) * (HOURS[unit[0] ?? 'h'] ?? 1),
    }),
  },
  {
    pattern: /^how many (.+?)(?: are there| exist| run| are running)?$/i,
    query: ([, words = ''], which) => ({ ask: 'count', items: which(words) }),
  },
  {
    pattern:
      /^(?:what is|which is|show|what) (?:the )?(image|replicas|version|lifecycle|criticality|schedule|node|phase)(?: does| of| do)? (.+?)(?: use| uses| run| runs| have)?$/i,
    query: ([, column = '', words = ''], which) => ({ ask: 'column', items: which(words), column: column.toLowerCase() }),
  },
  {
    pattern: /^(?:list|show|find|which|what)(?: are)?(?: all)?(?: the)? (.+?)(?: are there| exist)?$/i,
    query: ([, words = ''], which) => ({ ask: 'list', items: which(words) }),
  },
];

const HOURS: Readonly<Record<string, number>> = { m: 1 / 60, h: 1, d: 24 };

function kindOf(word: string | undefined): { readonly kind?: string } {
  return word === undefined ? {} : { kind: singular(word) };
}

/** The typed query of a question in plain words, without a model. Kinds and names are those the graph knows. */
export function readQuestion(question: string, reader: CmdbReader): GraphQuery {
  const text = question
    .trim()
    .replace(/[?.!]+$/, '')
    .replace(/\s+/g, ' ');
  const kinds = kindsOf(reader);
  for (const { pattern, query } of FORMS) {
    const match = pattern.exec(text);
    if (!match) continue;
    const read = query(match, (words) => readWhich(words, kinds));
    return 'kind' in read && read.kind ? { ...read, kind: kinds.get(read.kind.toLowerCase()) ?? read.kind } : read;
  }
  return {
    ask: 'unclear',
    why: 'no known form: try "who owns X", "what depends on X", "how many Pods in namespace N", "list Deployments with label a=b"',
  };
}

/** Known kinds by their lower-case last part. */
function kindsOf(reader: CmdbReader): ReadonlyMap<string, string> {
  return new Map(reader.items({}).items.map(({ kind }) => [(kind.split('/').at(-1) ?? kind).toLowerCase(), kind]));
}

const NAMESPACE = /\b(?:in|of|from) (?:the )?(?:namespace )?["']?([\w.-]+)["']?(?: namespace)?$/i;

function readWhich(words: string, kinds: ReadonlyMap<string, string>): Which {
  let rest = words
    .trim()
    .replace(/^(?:the|all|a|an) /i, '')
    .replace(/ (?:are|is) there(?= |$)| (?:exist|are running|run)(?= |$)/i, '');
  const label = /\b(?:with|having) (?:the )?label ["']?([\w./-]+=[\w.-]+)["']?/i.exec(rest)?.[1];
  if (label) rest = rest.replace(/\s*\b(?:with|having) (?:the )?label ["']?[\w./-]+=[\w.-]+["']?/i, '');
  const namespace = NAMESPACE.exec(rest)?.[1];
  if (namespace) rest = rest.replace(NAMESPACE, '').trim();
  const { kind, name } = readKindAndName(rest, kinds);
  const slash = name?.split('/');
  const found = slash?.length === 2 ? { namespace: slash[0], name: slash[1] } : { namespace, name };
  return Object.fromEntries(Object.entries({ kind, ...found, label }).filter(([, value]) => value !== undefined && value !== '')) as Which;
}

function readKindAndName(
  words: string,
  kinds: ReadonlyMap<string, string>,
): { readonly kind?: string | undefined; readonly name?: string | undefined } {
  const parts = words
    .split(/[ ]|(?<=^\w+)\/(?=[\w.-]+$)/)
    .filter(Boolean)
    .map((part) => part.replace(/^["'`]|["'`]$/g, ''));
  const known = parts.findIndex((part) => kinds.has(singular(part).toLowerCase()));
  if (known === -1) return { name: parts.join(' ') || undefined };
  const kind = kinds.get(singular(parts[known] as string).toLowerCase());
  const others = parts.filter((part, index) => index !== known && !/^(?:named|called|item)$/i.test(part));
  return { kind, name: others[0] };
}

function singular(word: string): string {
  if (/(?:ss|us)$/i.test(word)) return word;
  if (/ies$/i.test(word)) return `${word.slice(0, -3)}y`;
  return word.replace(/(?<=(?:ss|x|ch))es$|s$/i, '');
}
