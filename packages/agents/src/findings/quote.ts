import { type CmdbReader, type Evidence, type FieldPath, formatFieldPath, makeEvidence, readField, redactValue } from '@tier0/core';

/**
 * Quotes a field of an object as it stands in the snapshot, without what looks like a secret: looked for in the value itself, where lines
 * still begin as they were written, and not only in its text, where they no longer do.
 */
export function quote(reader: CmdbReader, item: string, path: FieldPath): Evidence {
  const at = Date.parse(reader.at);
  const value = withoutSecrets(path, readField(reader.object(item), path));
  return makeEvidence({
    source: 'cmdb',
    query: `${item} ${formatFieldPath(path)}`,
    fromMs: at,
    toMs: at,
    text: `${formatFieldPath(path)}: ${JSON.stringify(value) ?? 'not there'}`,
  });
}

/** The name of a field says what may stand in it. */
function withoutSecrets(path: FieldPath, value: unknown): unknown {
  const name = path.findLast((segment) => typeof segment === 'string') ?? 'value';
  return (redactValue({ [name]: value }).value as Readonly<Record<string, unknown>>)[name];
}
