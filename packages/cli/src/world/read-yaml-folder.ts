import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { parseAllDocuments } from 'yaml';

/** What one YAML file holds. */
export interface YamlFile {
  /** Path below the folder, with slashes. */
  readonly name: string;
  readonly documents: readonly Readonly<Record<string, unknown>>[];
}

/** Every YAML file below a folder, by name. Throws NOT_FOUND for no folder and INVALID_INPUT for a file that is no YAML of objects. */
export async function readYamlFolder(folder: string): Promise<readonly YamlFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `The folder ${folder} cannot be read.`,
      hint: 'Name a folder of YAML files.',
      cause,
    });
  });
  const files = entries.filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name)).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => {
      return { name: relative(folder, file).replaceAll('\\', '/'), documents: documentsIn(file, await readFile(file, 'utf8')) };
    }),
  );
}

function documentsIn(file: string, text: string): YamlFile['documents'] {
  const documents = parseAllDocuments(text);
  return documents.flatMap((document) => {
    const value: unknown = document.errors.length > 0 ? undefined : document.toJS();
    if (value === null) return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return [value as Readonly<Record<string, unknown>>];
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file} is no YAML of objects: ${document.errors[0]?.message.split('\n')[0] ?? 'a document is no mapping'}.`,
      hint: 'Mend the file, or move it out of the folder.',
    });
  });
}
