import { type JsonValue, readField } from '@tier0/core';
import type { Manifest } from '../kubernetes/manifests.ts';
import { folderOf, type JsonRecord, join, records, text } from './kustomize.ts';

/** Folder of the repository behind the `path` of a Flux Kustomization that renders an artifact; undefined: it renders the repository itself. */
export type ArtifactFolders = (spec: JsonRecord, manifest: Manifest) => string | undefined;

interface Copy {
  readonly artifact: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Reads the ArtifactGenerators: each copies folders of the repository, `@alias/apps/base/**` to `@artifact/base/`, into an artifact. */
export function artifactFoldersIn(manifests: readonly Manifest[]): ArtifactFolders {
  const copies = manifests.filter(({ object }) => object.kind === 'ArtifactGenerator').flatMap(copiesOf);
  return ({ sourceRef, path }, { file }) => {
    const { kind, name } = (sourceRef ?? {}) as JsonRecord;
    if (kind !== 'ExternalArtifact') return undefined;
    const wanted = join('', text(path));
    const of = copies.filter((copy) => copy.artifact === text(name));
    // Each cluster of a repository has artifacts of the same name: those declared beside the Kustomization are its own.
    const beside = of.filter((copy) => folderOf(copy.file) === folderOf(file));
    const folders = (beside.length > 0 ? beside : of).flatMap(({ from, to }) => {
      const isBelow = to === '' || wanted === to || wanted.startsWith(`${to}/`);
      return isBelow ? [join(from, wanted.slice(to.length))] : [];
    });
    return new Set(folders).size === 1 ? folders[0] : undefined;
  };
}

function copiesOf({ object, file }: Manifest): readonly Copy[] {
  return records(readField(object, ['spec', 'artifacts']) as JsonValue | undefined).flatMap((artifact) =>
    records(artifact.copy).flatMap(({ from, to }) => {
      const source = /^@[^/]+\/(?:(.*)\/)?\*\*$/.exec(text(from));
      const target = /^@artifact(?:\/(.*))?$/.exec(text(to));
      if (!source || !target) return [];
      return [{ artifact: text(artifact.name), file, from: join('', source[1] ?? ''), to: join('', target[1] ?? '') }];
    }),
  );
}
