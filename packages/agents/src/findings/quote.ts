import { type CmdbReader, type Evidence, type FieldPath, formatFieldPath, makeEvidence, readField } from '@tier0/core';

/** Quotes a field of an object as it stands in the snapshot. */
export function quote(reader: CmdbReader, item: string, path: FieldPath): Evidence {
  const at = Date.parse(reader.at);
  const value = readField(reader.object(item), path);
  return makeEvidence({
    source: 'cmdb',
    query: `${item} ${formatFieldPath(path)}`,
    fromMs: at,
    toMs: at,
    text: `${formatFieldPath(path)}: ${JSON.stringify(value) ?? 'not there'}`,
  });
}
