import { redact } from '@tier0/core';
import { parseAllDocuments } from 'yaml';
import type { DeploymentPatternRecord, DocumentSection, KnowledgeDocument, Provenance } from './document.ts';
import { readFrontMatter } from './front-matter.ts';
import { deploymentPatternIn, deploymentPatternOf, kindOf, plainPolicy, policyOf } from './records.ts';
import { toSections } from './sections.ts';

/** A file as it was found. */
export interface SourceFile {
  readonly bytes: Uint8Array;
  readonly provenance: Provenance;
  /** Digest of the bytes. */
  readonly digest: string;
}

/** The documents of a file, or why there are none. */
export type ReadDocuments =
  | { readonly documents: readonly KnowledgeDocument[]; readonly problem?: undefined }
  | { readonly documents?: undefined; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Makes documents of a file: Markdown, YAML (one a document of the stream), JSON (one a record), plain text. Secrets are removed here. */
export function toDocuments(file: SourceFile): ReadDocuments {
  const { bytes, provenance } = file;
  if (bytes.includes(0)) return { problem: 'it is binary' };
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { problem: 'it is not UTF-8 text' };
  }
  if (text.trim() === '') return { problem: 'it is empty' };
  const clean = redact(text);
  const extension = /\.[^./]+$/.exec(provenance.path)?.[0].toLowerCase();
  if (extension === '.yaml' || extension === '.yml') return fromYaml(clean, file);
  if (extension === '.json') return fromJson(clean, file);
  return fromProse(clean, file);
}

function fromProse(text: string, { provenance, digest }: SourceFile): ReadDocuments {
  const { metadata, body, firstLine, problem } = readFrontMatter(text);
  if (problem) return { problem };
  const sections = toSections(body, firstLine);
  if (sections.length === 0) return { problem: 'it holds nothing but front matter' };
  const headings = [...new Set(sections.flatMap((section) => section.headings))];
  const kind = kindOf(metadata, provenance.path, headings);
  const title = word(metadata.title) ?? topHeading(body) ?? nameOf(provenance.path);
  const id = `${provenance.source}:${provenance.path}`;
  const parts = partsOf(sections);
  const documents = parts.map((part, index): KnowledgeDocument => {
    const isOne = parts.length === 1;
    return {
      id: isOne ? id : `${id}#${index + 1}`,
      kind,
      title: isOne ? title : `${title}, part ${index + 1} of ${parts.length}`,
      ...teamOf(metadata),
      metadata,
      sections: part,
      provenance: withFields(provenance, metadata),
      digest,
      ...(isOne && kind === 'policy' ? { policy: plainPolicy(title, body) } : {}),
      ...(isOne && kind === 'deployment-pattern' ? { deployment: deploymentFrom(metadata, body) } : {}),
    };
  });
  return { documents };
}

/** Characters of a document at most, about: an answer reads the whole document that it cites. */
const PART_SIZE = 512 * 1024;
/** Characters after which a part ends at the next chapter. */
const FULL_SIZE = PART_SIZE / 2;

/** A very long text becomes several documents, cut where a chapter begins, else between two sections. */
function partsOf(sections: readonly DocumentSection[]): readonly (readonly DocumentSection[])[] {
  const parts: DocumentSection[][] = [[]];
  let size = 0;
  for (const section of sections) {
    const isChapter = /^ {0,3}#{1,2}\s/.test(section.text);
    if (size + section.text.length > PART_SIZE || (isChapter && size > FULL_SIZE)) {
      parts.push([]);
      size = 0;
    }
    (parts.at(-1) as DocumentSection[]).push(section);
    size += section.text.length;
  }
  return parts.filter((part) => part.length > 0);
}

/** Front matter goes before prose, field by field. */
function deploymentFrom(metadata: Fields, body: string): DeploymentPatternRecord {
  const said = deploymentPatternOf({ ...metadata, kind: 'DeploymentPattern' });
  const told = deploymentPatternIn(body);
  if (!said) return told;
  const given = Object.entries(said).filter(([, value]) => value.length > 0);
  return { ...told, ...Object.fromEntries(given) };
}

function fromYaml(text: string, file: SourceFile): ReadDocuments {
  const parsed = parseAllDocuments(text, { logLevel: 'silent' });
  if (!Array.isArray(parsed)) return { problem: 'it is empty' };
  const broken = parsed.flatMap((document) => document.errors)[0];
  if (broken) return { problem: `it is no valid YAML: ${broken.message.split('\n')[0]}` };
  const lineOf = (offset: number) => text.slice(0, offset).split('\n').length;
  const documents = parsed.flatMap((document, index) => {
    const [from, , to] = document.range;
    const source = text.slice(from, to).trim();
    if (source === '' || document.contents === null) return [];
    const value = asFields(document.toJS({ maxAliasCount: 100 }));
    return [fromFields(value, { source, line: lineOf(from), index: parsed.length > 1 ? index : undefined }, file)];
  });
  return documents.length === 0 ? { problem: 'it holds no document' } : { documents };
}

function fromJson(text: string, file: SourceFile): ReadDocuments {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `it is no valid JSON: ${error instanceof Error ? error.message : error}` };
  }
  const records = Array.isArray(value) ? value : [value];
  const documents = records.map((record, index) => {
    const source = JSON.stringify(record, null, 2);
    return fromFields(asFields(record), { source, line: 1, index: Array.isArray(value) ? index : undefined }, file);
  });
  return documents.length === 0 ? { problem: 'it holds no record' } : { documents };
}

interface Place {
  readonly source: string;
  readonly line: number;
  /** Position among several documents of one file. */
  readonly index: number | undefined;
}

function fromFields(value: Fields, { source, line, index }: Place, { provenance, digest }: SourceFile): KnowledgeDocument {
  const policy = policyOf(value);
  const deployment = deploymentPatternOf(value);
  const metadata = asFields(value.metadata);
  const kind = policy ? 'policy' : deployment ? 'deployment-pattern' : kindOf(value, provenance.path, []);
  const title = word(value.title) ?? word(value.summary) ?? word(metadata.name) ?? policy?.name ?? nameOf(provenance.path);
  return {
    id: `${provenance.source}:${provenance.path}${index === undefined ? '' : `#${index + 1}`}`,
    kind,
    title,
    ...teamOf({ ...metadata, ...value }),
    metadata,
    sections: toSections(source, line),
    provenance: withFields(provenance, { ...metadata, ...value }),
    digest,
    ...(policy ? { policy } : {}),
    ...(deployment ? { deployment } : {}),
  };
}

/** What a document says of itself goes before what its file says. */
function withFields(provenance: Provenance, metadata: Fields): Provenance {
  const said = word(metadata.changedAt ?? metadata.updated ?? metadata.lastUpdated ?? metadata.date);
  const at = said === undefined ? Number.NaN : Date.parse(said);
  const licence = word(metadata.licence ?? metadata.license);
  return {
    ...provenance,
    ...(Number.isNaN(at) ? {} : { changedAt: new Date(at).toISOString() }),
    ...(licence === undefined ? {} : { licence }),
  };
}

function teamOf(metadata: Fields): { readonly team?: string } {
  const team = word(metadata.team ?? metadata.owner ?? metadata.owners);
  return team === undefined ? {} : { team };
}

function topHeading(body: string): string | undefined {
  return /^#\s+(.+?)\s*#*$/m.exec(body.replace(/```[\s\S]*?(?:```|$)/g, ''))?.[1];
}

function nameOf(path: string): string {
  return (path.split('/').at(-1) as string).replace(/\.[^.]+$/, '');
}

function word(value: unknown): string | undefined {
  if (Array.isArray(value)) return word(value[0]);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
