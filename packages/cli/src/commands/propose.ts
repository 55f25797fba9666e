import { type CallContext, type CmdbReader, type GateReport, type ItemEdit, parseFieldPath, Tier0Error } from '@tier0/core';
import { createLocalForge, type Mirror, type StatementSigner } from '@tier0/gitops';
import type { Environment } from '../environment.ts';
import { propose } from '../operations/propose.ts';
import { wishedEdit, wishedRemedy } from '../operations/wish.ts';
import { PROGRAM } from '../program-name.ts';
import { changedLines } from '../terminal/changed-lines.ts';
import { diffPage } from '../terminal/markdown-page.ts';
import { gateSigner } from '../world/gate-key.ts';
import { itemId, readLive, refuseCredentials, requireField, toValue, withMirror } from '../world/live-item.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';

/** `tier0 propose ITEM FIELD VALUE`: a person's wish, on the same way as a remedy. */
export const proposeCommand: Command = {
  name: 'propose',
  usage: `Usage: ${PROGRAM} propose ITEM FIELD VALUE --repository URL [--manifests DIR | --kubeconfig FILE] --as ACCOUNT --why TEXT [options]

Finds the file that declares the field, tries the change on a copy of the cluster, asks the gate, and opens a pull request on the local
forge of the repository. Doing it again finds the same pull request. People decide with "${PROGRAM} pr"; nobody approves their own.
ITEM is KIND/NAMESPACE/NAME as kubectl has it (deploy/shop/web) or an item id; FIELD is a path like spec.replicas or spec.template.spec.containers[name=web].image.

  --repository URL     Git repository: a path, file:// or http(s) URL
  --branch NAME        branch the cluster is reconciled from                  (main)
  --path FOLDER        folder of the repository that declares this cluster
  --manifests DIR      live objects as files, e.g. from "kubectl get -o yaml"
  --kubeconfig FILE    live objects from a cluster; needs get and list only  ($KUBECONFIG, else ~/.kube/config)
  --context NAME       context of the kubeconfig                              (its current one)
  --cluster NAME       name of the cluster in item ids                        (cluster)
  --as ACCOUNT         who proposes
  --why TEXT           why; reviewers read it
  --out DIR            where the key that signs for the gate is kept          (out)
  --dry-run            show the diff and what the gate says, write nothing

Exit code: 0 proposed (or shown), 1 denied, refused or nothing to change, 2 could not look.
Example: ${PROGRAM} propose Deployment/shop/web spec.replicas 3 --repository ./fleet --manifests ./live --as ann --why "launch day" --dry-run`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('propose', args, {
      repository: { type: 'string' },
      branch: { type: 'string', default: 'main' },
      path: { type: 'string' },
      manifests: { type: 'string' },
      kubeconfig: { type: 'string' },
      context: { type: 'string' },
      cluster: { type: 'string', default: 'cluster' },
      as: { type: 'string' },
      why: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      out: { type: 'string', default: 'out' },
    });
    const [item, field, value] = positionals;
    const { repository, as: author, why } = values;
    if (!item || !field || value === undefined || positionals.length > 3 || !repository || !author || !why) {
      throw missing({ item, field, value, repository, author, why }, positionals.slice(3));
    }
    refuseCredentials(repository);
    const context = { signal: environment.signal, now: () => Date.now() };
    const reader = await readLive(values, environment, context);
    const fieldPath = parseFieldPath(field);
    const id = itemId(item, values.cluster);
    requireField(reader, id, fieldPath);
    const edit = wishedEdit(reader, { item: id, fieldPath, value: (live) => toValue(value, live) });
    const wish = { edit, author, why, branch: values.branch, path: values.path, dryRun: values['dry-run'] };
    const signer = wish.dryRun ? undefined : await gateSigner(stateFolder(values.out));
    return withMirror(repository, environment, (mirror) => carry({ ...wish, mirror, reader, signer }, environment, context));
  },
};

/** What is not said yet, in the order it is written. */
function missing(said: Readonly<Record<string, string | undefined>>, others: readonly string[]): Tier0Error {
  const options: Readonly<Record<string, string>> = { repository: '--repository URL', author: '--as ACCOUNT', why: '--why TEXT' };
  const absent = Object.entries(said).flatMap(([name, value]) => (value ? [] : [options[name] ?? name.toUpperCase()]));
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message:
      absent.length > 0 ? `Not said yet: ${absent.join(', ')}.` : `"${others[0]}" is one word too many: ITEM, FIELD and VALUE come before.`,
    hint: `Quote what has spaces; "${PROGRAM} propose --help" shows an example.`,
  });
}

interface Wish {
  readonly edit: ItemEdit;
  readonly author: string;
  readonly why: string;
  readonly branch: string;
  readonly path: string | undefined;
  readonly dryRun: boolean;
  readonly mirror: Mirror;
  readonly reader: CmdbReader;
  readonly signer: StatementSigner | undefined;
}

async function carry(wish: Wish, { terminal }: Environment, context: CallContext): Promise<number> {
  const { mirror } = wish;
  const forge = createLocalForge({ mirror, signer: wish.signer });
  const outcome = await propose({ ...wish, forge, remedy: wishedRemedy(wish) }, context);
  if (outcome.status === 'not-located') {
    terminal.write(`no pull request: ${outcome.reason}\n`);
    return 1;
  }
  const lines = changedLines(outcome.diff ?? '');
  for (const { file, reason } of outcome.places) terminal.write(`${file}${lines.has(file) ? `:${lines.get(file)}` : ''}: ${reason}\n`);
  terminal.write(describeGate(outcome.gate));
  if (outcome.diff !== undefined) terminal.write(`\n${terminal.colour ? diffPage(outcome.diff, terminal) : outcome.diff}`);
  if (outcome.pullRequest === undefined) {
    const isPreview = outcome.status === 'preview';
    terminal.write(isPreview ? '\nnothing was written\n' : `\nno pull request: ${outcome.detail}\n`);
    return isPreview && outcome.gate.decision.effect !== 'deny' ? 0 : 1;
  }
  const { number, title } = outcome.pullRequest;
  terminal.write(`\npull request #${number} is ${outcome.detail}: ${title}\n`);
  const { requiredApprovals } = outcome.gate.decision;
  terminal.write(
    requiredApprovals > 1
      ? `The policy asks for ${requiredApprovals} approvals; the local forge counts one. It stays pending: nobody counts them here.\n`
      : `An owner decides: ${PROGRAM} pr show ${number} --repository ${mirror.url}\n`,
  );
  return 0;
}

function describeGate(gate: GateReport): string {
  const checks = gate.checks.map((check) => `  ${check.passed ? 'ok    ' : 'FAILED'}  ${check.name}: ${check.detail}\n`);
  return `gate: ${gate.decision.effect} (${gate.decision.reasons.join('; ')})\n${checks.join('')}`;
}
