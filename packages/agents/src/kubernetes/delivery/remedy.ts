import { type JsonValue, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';

/** Returns a Helm release to the version of its chart that was deployed last. */
export function returnToDeployedChart({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const release = rootCause.subject;
  if (kindOf(release) !== 'HelmRelease') return [];
  const object = reader.object(release);
  const history = listAt(object, 'status', 'history');
  const deployed = history.find((entry) => /^(deployed|superseded)$/.test(textAt(entry, 'status') ?? ''));
  const version = textAt(deployed, 'chartVersion');
  if (version === undefined || textAt(object, 'spec', 'chart', 'spec', 'version') === undefined) return [];
  return remedyOf(editsOf(editOf(reader, release, ['spec', 'chart', 'spec', 'version'], version)), {
    id: 'return-to-deployed-chart',
    title: `Return ${nameOf(release)} to version ${version} of its chart`,
    why: `Version ${version} was deployed before; the upgrade failed.`,
    precondition: 'What the newer version brought is not needed at once, and its migrations have not begun.',
    risk: 'medium',
    verify: 'The HelmRelease reports Ready.',
    rollback: 'Ask for the newer version again.',
    assumption: `version ${version} installs as it did before`,
  });
}

/** Returns an Argo CD application to the source that was synced last: its path and revision, or the commit itself. */
export function returnToSyncedRevision({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const application = rootCause.subject;
  if (kindOf(application) !== 'Application') return [];
  const object = reader.object(application);
  const last = listAt(object, 'status', 'history').at(-1);
  const moved = ['repoURL', 'path', 'chart', 'targetRevision'].flatMap((field) => {
    const before = readField(last, ['source', field]) as JsonValue | undefined;
    const isSame = before === undefined || before === readField(object, ['spec', 'source', field]);
    return isSame ? [] : (editOf(reader, application, ['spec', 'source', field], before) ?? []);
  });
  const revision = textAt(last, 'revision');
  const pin =
    revision === undefined || moved.length > 0 ? undefined : editOf(reader, application, ['spec', 'source', 'targetRevision'], revision);
  return remedyOf(moved.length > 0 ? moved : editsOf(pin), {
    id: 'return-to-synced-revision',
    title: `Return ${nameOf(application)} to ${moved.length > 0 ? 'the source' : `the commit ${revision?.slice(0, 7)}`} that was synced last`,
    why: 'That one was rendered and applied; what came after cannot be.',
    precondition: 'What came after is not needed before it is corrected in the repository.',
    risk: 'medium',
    verify: 'The application is Synced and Healthy.',
    rollback: 'Follow the former revision again, once it is corrected.',
    assumption: 'the revision that was synced last renders and applies as it did then',
  });
}
