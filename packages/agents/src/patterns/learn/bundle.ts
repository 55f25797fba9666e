import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { type Pattern, PatternSchema, redact, Tier0Error, trackRecord } from '@tier0/core';
import { z } from 'zod';

/** What goes from one organisation to another. */
export interface BundleOptions {
  /** Ed25519 key of the sender, PEM. */
  readonly privateKey: string;
  /** Names that must not leave: items, teams, people, hosts. */
  readonly names: readonly string[];
}

const BundleSchema = z.strictObject({
  format: z.literal('tier0.patterns/v1'),
  key: z.string(),
  /** JSON of the patterns, as signed. */
  patterns: z.string(),
  /** Ed25519 over `patterns`, base64. */
  signature: z.string(),
});
const SharedSchema = z.array(z.strictObject({ pattern: PatternSchema, successes: z.number(), failures: z.number() }));

/** A pattern from elsewhere. */
export interface SharedPattern {
  /** Without occurrences: a track record is earned where it is used. */
  readonly pattern: Pattern;
  /** What the sender says it reached there. */
  readonly elsewhere: { readonly successes: number; readonly failures: number };
}

/** Writes patterns for another organisation: without incidents, references and names, signed. Throws INVALID_INPUT where a name would be left. */
export function exportBundle(patterns: readonly Pattern[], { privateKey, names }: BundleOptions): string {
  const mask = maskOf(names);
  const shared = patterns.map((pattern) => ({ pattern: withoutNames(pattern, mask), ...trackRecord(pattern) }));
  const text = JSON.stringify(shared);
  const left = names.find((name) => name.length > 1 && text.toLowerCase().includes(name.toLowerCase()));
  if (left !== undefined) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `The name "${left}" would leave with these patterns, inside another word.`,
      hint: 'Reword the pattern, or leave it out.',
    });
  }
  const key = createPrivateKey(privateKey);
  const signature = sign(null, Buffer.from(text), key).toString('base64');
  return `${JSON.stringify({ format: 'tier0.patterns/v1', key: keyName(createPublicKey(key)), patterns: text, signature }, null, 2)}\n`;
}

/** Reads a bundle that one of these keys (PEM) has signed. Throws PERMISSION_DENIED for any other, MALFORMED_RESPONSE for what is no bundle. */
export function importBundle(text: string, publicKeys: readonly string[]): readonly SharedPattern[] {
  const bundle = parse(text);
  const key = publicKeys.map((pem) => createPublicKey(pem)).find((one) => keyName(one) === bundle.key);
  if (!key || !verify(null, Buffer.from(bundle.patterns), key, Buffer.from(bundle.signature, 'base64'))) {
    throw new Tier0Error({
      code: 'PERMISSION_DENIED',
      message: key
        ? 'The bundle was changed after it was signed.'
        : `The bundle is signed by the key ${bundle.key}, which is not among those that are trusted.`,
      hint: 'Ask the sender for the bundle and the key again, by a way that you trust.',
    });
  }
  const shared = SharedSchema.parse(JSON.parse(bundle.patterns));
  return shared.map(({ pattern, successes, failures }) => ({
    pattern: { ...pattern, id: `${bundle.key}-${pattern.id}`, reference: `bundle:${bundle.key}`, occurrences: [] },
    elsewhere: { successes, failures },
  }));
}

function withoutNames(pattern: Pattern, mask: (text: string) => string): Pattern {
  const { signature } = pattern;
  const shape = signature.shape && { ...signature.shape, templates: signature.shape.templates.map(mask) };
  return {
    id: createHash('sha256').update(pattern.id).digest('hex').slice(0, 12),
    title: mask(pattern.title),
    signature: { ...signature, keywords: signature.keywords.map(mask), ...(shape ? { shape } : {}) },
    remedy: pattern.remedy,
    parameters: pattern.parameters,
    fix: mask(pattern.fix),
    occurrences: [],
  };
}

function maskOf(names: readonly string[]): (text: string) => string {
  const known = names.filter((name) => name.length > 1).sort((a, b) => b.length - a.length);
  const escaped = known.map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = known.length > 0 ? new RegExp(`(?<![A-Za-z0-9])(?:${escaped.join('|')})(?![A-Za-z0-9])`, 'gi') : undefined;
  return (text) => redact(pattern ? text.replace(pattern, '<name>') : text);
}

function keyName(key: ReturnType<typeof createPublicKey>): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

function parse(text: string): z.infer<typeof BundleSchema> {
  try {
    return BundleSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: 'This is no bundle of patterns.',
      hint: 'Give the file as it was exported.',
      cause,
    });
  }
}
