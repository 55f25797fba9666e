import { generateKeyPairSync } from 'node:crypto';
import type { CallContext, Forge } from '@tier0/core';
import { createLocalForge, type LocalForgeOptions } from '../forges/local.ts';
import { createLocalForgeDesk, type LocalForgeDesk } from '../forges/local-desk.ts';
import type { Protection } from '../forges/protection.ts';
import { pullRequestDigest } from '../forges/pull-request-digest.ts';
import { createMemoryRepository } from '../git/memory.ts';
import type { CommitSigner } from '../git/sign.ts';
import { renderMarker } from '../governance/marker.ts';
import type { StatementSigner } from '../governance/statement.ts';

/*
 * Ways to get a change merged that nobody entitled has approved as it is, and what people do every day. Each case has a repository of its
 * own, kept in memory with the commits git would make, so that hundreds of them take seconds.
 */

const MINUTE = 60_000;
const MEMBERS = { payments: ['ada', 'grace'], platform: ['linus'], checkout: ['barbara'] };
const RULE = '{id: relief, remedy: raise-memory-limit, pattern: leak, maxRisk: medium, maxBlastRadius: 5, minSuccessRate: 0.8}';
/** `.tier0/policy.yaml` of every case. */
export const CASE_POLICY = `approvalValidMs: ${60 * MINUTE}\nstandingRules:\n  - ${RULE}\n`;
const OWNERS = '* @platform\n/pay/ @payments\n/checkout/ @checkout\n/free/\n/mail/ ada@example.com\n';
const DIGEST = 'b'.repeat(64);

/** A workload as the repository declares it. */
function manifest({ memory = '256Mi', image = 'pay:1', replicas = 2, more = '' } = {}): string {
  const container = `{name: pay, image: "${image}", resources: {limits: {memory: ${memory}}}${more}}`;
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: pay}\nspec:\n  replicas: ${replicas}\n  template:\n    spec:\n      containers:\n        - ${container}\n`;
}

/** What a case begins with. */
export interface ApprovalSetting {
  /** File of the change. Default `pay/limit.yaml`. */
  readonly file?: string;
  readonly author?: string;
  readonly commitAuthor?: string;
  readonly protection?: Protection;
  readonly gate?: 'success' | 'failure' | 'pending' | 'none';
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Message of the commit. */
  readonly message?: string;
  /** A pull request of people, which shows no proposal. */
  readonly person?: boolean;
  readonly labels?: readonly string[];
  /** Added to `.tier0/policy.yaml` before anything happens. */
  readonly policy?: string;
  /** Limits that the standing rule gets. */
  readonly policyRule?: string;
  /** Files of the base branch besides the usual ones. */
  readonly base?: Readonly<Record<string, string>>;
  /** Signs statuses and uses of rules. */
  readonly signer?: StatementSigner;
}

/** One pull request and everybody who may do something to it. */
export interface ApprovalCase {
  readonly id: number;
  readonly number: number;
  readonly branch: string;
  readonly file: string;
  readonly desk: LocalForgeDesk;
  /** The same desk in hands that have no key. */
  readonly unsignedDesk: LocalForgeDesk;
  readonly forge: Forge;
  readonly context: CallContext;
  /** Approves as somebody; a refusal of the forge is no merge either. */
  approve(
    reviewer: string,
    more?: { readonly digest?: string; readonly shown?: string; readonly state?: 'approved' | 'changes-requested' | 'commented' },
  ): Promise<void>;
  /** Commits on a branch. */
  commit(branch: string, files: Readonly<Record<string, string | undefined>>, author?: string, style?: CommitStyle): Promise<string>;
  /** Further commits on the branch. */
  push(files: Readonly<Record<string, string | undefined>>, author?: string): Promise<string>;
  /** The branch made anew on the newest base, in one commit. */
  rebase(content: string): Promise<void>;
  /** Reports what the gate says about a commit. */
  gate(commit: string, state?: 'success' | 'failure' | 'pending'): Promise<void>;
  /** Sets a check with somebody else's key, or none. */
  forgeGate(commit: string, signer?: StatementSigner): Promise<void>;
  /** Lets time pass. */
  wait(minutes: number): void;
  /** Tips of the branch and of the base branch. */
  head(): Promise<string>;
  /** The commit that the base branch stands at. */
  main(): Promise<string>;
  /** What a person who looks at it now has seen. */
  shown(): Promise<string>;
  /** Whether the pull request has been merged by now. */
  isMerged(): Promise<boolean>;
}

interface CommitStyle {
  readonly signer?: CommitSigner | undefined;
  readonly message?: string | undefined;
}

/** What happens, after the pull request was opened. */
export type ApprovalPlay = (at: ApprovalCase) => Promise<unknown>;

/** A case by its name. */
export type ApprovalRow = readonly [name: string, setting: ApprovalSetting, play: ApprovalPlay];

const KEY = 'a'.repeat(64);
const sealedMessage = (subject: string, key = KEY) => `${subject}\n\nwhy\n\nTier0-Key: ${key}\nTier0-Proposal: ${DIGEST}\n`;

/** Opens the pull request of a case in a repository of its own. */
export async function openApprovalCase(setting: ApprovalSetting): Promise<ApprovalCase> {
  let nowMs = Date.parse('2026-11-22T12:00:00.000Z');
  const context = { signal: new AbortController().signal, now: () => nowMs };
  const mirror = createMemoryRepository({ url: 'memory:shop' });
  let commits = 0;
  const commit: ApprovalCase['commit'] = async (branch, files, author = 'linus', { signer, message } = {}) => {
    const tip = await mirror.resolve(branch, context);
    const parent = tip ?? (await mirror.resolve('main', context));
    const id = await mirror.commitFiles(
      {
        parents: parent ? [parent] : [],
        files: new Map(Object.entries(files)),
        message: message ?? `${author} changes ${Object.keys(files).join(', ')} (${++commits})`,
        author: { name: author, email: `${author}@example.com` },
        date: new Date(nowMs).toISOString(),
        signer,
      },
      context,
    );
    const pushed = await mirror.push([{ ref: `refs/heads/${branch}`, commit: id, expected: tip }], context);
    if (pushed.status !== 'pushed') throw new Error(pushed.reason);
    return id;
  };
  const rules = setting.policyRule ? CASE_POLICY.replace('minSuccessRate: 0.8', `minSuccessRate: 0.8, ${setting.policyRule}`) : CASE_POLICY;
  const policy = `${rules}${setting.policy ?? ''}`;
  await commit('main', {
    CODEOWNERS: OWNERS,
    '.tier0/policy.yaml': policy,
    'pay/base.yaml': 'limit: 1\n',
    'pay/app.yaml': manifest(),
    ...setting.base,
  });

  const branch = 'tier0/case';
  const file = setting.file ?? 'pay/limit.yaml';
  const author = setting.author ?? 'tier0';
  const options: LocalForgeOptions = { mirror, members: MEMBERS, protection: setting.protection, signer: setting.signer };
  const forge = createLocalForge(options);
  const desk = createLocalForgeDesk(options);
  const message = setting.message ?? (setting.person ? 'a person changes it' : sealedMessage('tier0 changes it'));
  const head = await commit(branch, setting.files ?? { [file]: 'limit: 2\n' }, setting.commitAuthor ?? author, { message });
  const key = KEY;
  const body = setting.person ? 'Why' : `Why\n\n${renderMarker({ key, digest: DIGEST })}\n`;
  const draft = {
    key,
    title: 'Raise the limit',
    body,
    author,
    labels: setting.labels ?? [],
    reviewers: [],
    sourceBranch: branch,
    targetBranch: 'main',
  };
  const { number } = (await forge.create(draft, context)).pullRequest;
  const at: ApprovalCase = {
    ...{ id: 1, number, branch, file, desk, forge, context, commit },
    unsignedDesk: createLocalForgeDesk({ ...options, signer: undefined }),
    gate: (at, state = 'success') => forge.status(at, { context: 'tier0/gate', state, description: 'x' }, context),
    forgeGate: (at, signer) =>
      createLocalForge({ ...options, signer }).status(at, { context: 'tier0/gate', state: 'success', description: 'forged' }, context),
    approve: async (reviewer, more = {}) => {
      await desk.submitReview({ number, reviewer, state: 'approved', ...more }, context).catch(() => undefined);
    },
    push: (changes, by = author) => commit(branch, changes, by),
    async rebase(content) {
      await commit('main', { 'other.txt': `${nowMs}\n` }, 'linus');
      const [main, tip] = [await mirror.resolve('main', context), await mirror.resolve(branch, context)];
      const request = {
        parents: [main as string],
        files: new Map([[file, content]]),
        message: sealedMessage('again'),
        author: { name: 'tier0', email: 'tier0@example.com' },
        date: '2026-11-22T12:30:00.000Z',
      };
      const made = await mirror.commitFiles(request, context);
      await mirror.push([{ ref: `refs/heads/${branch}`, commit: made, expected: tip }], context);
      await at.gate(made);
    },
    wait(minutes) {
      nowMs += minutes * MINUTE;
    },
    head: async () => (await forge.read(number, context)).headCommit,
    main: async () => (await mirror.resolve('main', context)) as string,
    shown: async () => pullRequestDigest(await forge.read(number, context)),
    async isMerged() {
      await desk.settle(number, context).catch(() => undefined);
      return (await forge.read(number, context)).state.status === 'merged';
    },
  };
  if (setting.gate !== 'none') await at.gate(head, setting.gate);
  return at;
}

/** Plays a case to its end and says whether the change is merged. */
export async function playApprovalCase([, setting, play]: ApprovalRow): Promise<boolean> {
  const at = await openApprovalCase(setting);
  await play(at);
  return at.isMerged();
}

const digestOf = (letter: string) => letter.repeat(64);

/** A commit with a message of its own on top of the branch. */
async function commitSaying(at: ApprovalCase, message: string, author = 'tier0'): Promise<void> {
  await at.gate(await at.commit(at.branch, { [at.file]: 'limit: 7\n' }, author, { message }));
}

async function rebase(at: ApprovalCase, content: string): Promise<void> {
  await at.rebase(content);
}

async function standing(at: ApprovalCase, approver: string, digest = DIGEST, desk = at.desk): Promise<void> {
  const [now, later] = [at.context.now(), at.context.now() + MINUTE].map((ms) => new Date(ms).toISOString()) as [string, string];
  await desk
    .submitStandingApproval(at.number, { approver, proposalDigest: digest, at: now, expiresAt: later }, at.context)
    .catch(() => undefined);
}

/** The rule of the newest policy hands in its approval. */
async function byRule(at: ApprovalCase): Promise<void> {
  await standing(at, `rule:relief@${await at.main()}`);
}

const PERSON = { person: true } as const;
const TWO = { protection: { minimumApprovals: 2 } };
/** A change that the rule is for. */
const RELIEF = { file: 'pay/app.yaml', files: { 'pay/app.yaml': manifest({ memory: '512Mi' }) } };
const RULES = { ...RELIEF, protection: { allowStandingRules: true } };

function ruleFor(files: Readonly<Record<string, string | undefined>>, more: Partial<ApprovalSetting> = {}): ApprovalSetting {
  return { protection: { allowStandingRules: true }, files, ...more };
}

function newSigner(name: string): StatementSigner & { readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    name,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const GATE = newSigner('gate');
const SOMEBODY = newSigner('somebody');
const KEYS = `gateKeys: [{name: gate, publicKey: ${JSON.stringify(GATE.publicKey)}}]\n`;
const SIGNED = { policy: KEYS, signer: GATE };

/** Ways to get a change merged that nobody entitled has approved as it is. */
const CLASSIC_ATTACKS: readonly ApprovalRow[] = [
  ['nobody approves', {}, async () => undefined],
  ['the author approves', { author: 'ada' }, (at) => at.approve('ada')],
  ['the author approves as @author', { author: 'ada' }, (at) => at.approve('@ada')],
  ['the author approves in capitals', { author: 'ada' }, (at) => at.approve('ADA')],
  ['the author approves with white space around', { author: 'ada' }, (at) => at.approve(' ada ')],
  ['the agent approves with its own token', {}, (at) => at.approve('tier0')],
  ['the agent approves as a bot', {}, (at) => at.approve('tier0[bot]')],
  ['who wrote the commit approves', { commitAuthor: 'ada' }, (at) => at.approve('ada')],
  ['who wrote the commit approves by e-mail', { commitAuthor: 'ada' }, (at) => at.approve('ada@example.com')],
  ['who wrote the commit approves in capitals', { commitAuthor: 'ada' }, (at) => at.approve('Ada')],
  [
    'a co-author approves',
    PERSON,
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: ada <ada@example.com>');
      await at.approve('ada');
    },
  ],
  [
    'a co-author in small letters approves',
    PERSON,
    async (at) => {
      await commitSaying(at, 'x\n\nco-authored-by: Ada <a@b.c>');
      await at.approve('ada');
    },
  ],
  [
    'a co-author known by e-mail only approves',
    PERSON,
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: somebody <ada>');
      await at.approve('ada');
    },
  ],
  [
    'who wrote a later commit approves',
    PERSON,
    async (at) => {
      await at.gate(await at.push({ [at.file]: 'limit: 9\n' }, 'grace'));
      await at.approve('grace');
    },
  ],
  ['an outsider approves', {}, (at) => at.approve('mallory')],
  ['an owner of other paths approves', {}, (at) => at.approve('barbara')],
  ['an owner of everything else approves', {}, (at) => at.approve('linus')],
  ['somebody named like the group approves', {}, (at) => at.approve('payments')],
  ['somebody named like the group with @ approves', {}, (at) => at.approve('@payments')],
  ['a name that only looks like an owner approves', {}, (at) => at.approve('аda')],
  ['a name with an invisible character approves', {}, (at) => at.approve('ada\u200b')],
  ['owners of one of two paths approve', { files: { 'pay/two.yaml': 'a: 1\n', 'checkout/two.yaml': 'a: 1\n' } }, (at) => at.approve('ada')],
  [
    'the change makes its author an owner',
    { author: 'mallory', files: { CODEOWNERS: '* @mallory\n', 'pay/x.yaml': 'a: 1\n' } },
    (at) => at.approve('mallory'),
  ],
  ['the change makes an accomplice an owner', { files: { CODEOWNERS: '* @eve\n', 'pay/y.yaml': 'a: 1\n' } }, (at) => at.approve('eve')],
  [
    'the change makes approvals last for ever',
    { files: { '.tier0/policy.yaml': 'approvalValidMs: 999999999999\n', 'pay/z.yaml': 'a: 1\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    "a file is moved out of its owners' folder",
    { files: { 'pay/base.yaml': undefined, 'free/base.yaml': 'limit: 1\n' } },
    (at) => at.approve('mallory'),
  ],
  [
    'approve, then amend',
    { ...TWO, ...PERSON },
    async (at) => {
      await at.approve('ada');
      await at.gate(await at.push({ [at.file]: 'limit: 999\n' }));
      await at.approve('grace');
    },
  ],
  [
    'approve, then rebase with another content',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, 'limit: 999\n');
      await at.approve('grace');
    },
  ],
  [
    'approve, then rebase with the same content',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, `limit: ${at.id}\n`);
      await at.approve('grace');
    },
  ],
  [
    'approve, then change what the body promises',
    TWO,
    async (at) => {
      await at.approve('ada');
      const key = at.id.toString(16).padStart(64, 'a');
      await at.forge.update(at.number, { body: `Other\n\n${renderMarker({ key, digest: digestOf('c') })}\n` }, at.context);
      await at.approve('grace');
    },
  ],
  ['approve a content that was read elsewhere', {}, (at) => at.approve('ada', { digest: digestOf('d') })],
  [
    'an approval that expired',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.approve('grace');
    },
  ],
  [
    'approvals that all expired before the check was green',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.gate(await at.head());
    },
  ],
  [
    'one person twice',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('ada');
    },
  ],
  [
    'one person in two spellings',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('@ada');
    },
  ],
  [
    'one person in two letter at.id',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('Ada');
    },
  ],
  ['a comment is no approval', {}, (at) => at.approve('ada', { state: 'commented' })],
  [
    'another owner still objects',
    {},
    async (at) => {
      await at.approve('grace', { state: 'changes-requested' });
      await at.approve('ada');
    },
  ],
  [
    'an owner who objects later',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('ada', { state: 'changes-requested' });
      await at.approve('grace');
    },
  ],
  ['the gate has said nothing', { gate: 'none' }, (at) => at.approve('ada')],
  ['the gate said no', { gate: 'failure' }, (at) => at.approve('ada')],
  ['the gate is still thinking', { gate: 'pending' }, (at) => at.approve('ada')],
  [
    'the gate said yes to an earlier commit',
    PERSON,
    async (at) => {
      await at.push({ [at.file]: 'limit: 8\n' });
      await at.approve('ada');
    },
  ],
  [
    'a closed pull request is approved',
    {},
    async (at) => {
      await at.desk.closeByHuman(at.number, 'grace', 'no', at.context);
      await at.approve('ada');
    },
  ],
  ['a rule where rules approve nothing', {}, byRule],
  ['a rule that nobody wrote', RULES, async (at) => standing(at, `rule:other@${await at.main()}`)],
  ['a rule of a commit that is not on the base branch', RULES, async (at) => standing(at, `rule:relief@${await at.head()}`)],
  ['a rule of a commit that does not exist', RULES, (at) => standing(at, `rule:relief@${'f'.repeat(40)}`)],
  ['a rule that approved another content', RULES, async (at) => standing(at, `rule:relief@${await at.main()}`, digestOf('e'))],
  ['a person who calls itself a rule', RULES, async (at) => at.approve(`rule:relief@${await at.main()}`)],
  ['a rule handed in as a person', RULES, (at) => standing(at, 'ada')],
  [
    'the same file was changed on the base meanwhile',
    {},
    async (at) => {
      await at.commit('main', { [at.file]: 'limit: 5\n' }, 'linus');
      await at.approve('ada');
    },
  ],
];

/** Rules approve what they are for, whatever is handed in for them. */
const RULE_ATTACKS: readonly ApprovalRow[] = [
  ['a rule for a change of who owns what', ruleFor({ CODEOWNERS: '* @mallory\n' }), byRule],
  ['a rule for a change of the policy', ruleFor({ '.tier0/policy.yaml': 'maxRisk: critical\n' }), byRule],
  ['a rule for a change of a workflow', ruleFor({ '.github/workflows/x.yaml': 'on: push\n' }), byRule],
  ['a rule for a change of a nested CODEOWNERS', ruleFor({ 'docs/CODEOWNERS': '* @mallory\n' }), byRule],
  [
    'a rule for a change of who is a member',
    ruleFor(
      { 'catalog/teams.yaml': 'kind: Group\nmetadata: {name: payments}\nspec: {members: [mallory]}\n' },
      {
        policy: 'membership: [catalog/]\n',
        base: { 'catalog/teams.yaml': 'kind: Group\nmetadata: {name: payments}\nspec: {members: [ada]}\n' },
      },
    ),
    byRule,
  ],
  ['a rule for a file that is new', ruleFor({ 'pay/new.yaml': manifest() }), byRule],
  ['a rule for a file that is taken away', ruleFor({ 'pay/app.yaml': undefined }), byRule],
  ['a rule for two files', ruleFor({ 'pay/app.yaml': manifest({ memory: '1Gi' }), 'pay/base.yaml': 'limit: 2\n' }), byRule],
  ['a rule for a file that is no manifest', ruleFor({ 'pay/run.sh': 'rm -rf /\n' }, { base: { 'pay/run.sh': 'true\n' } }), byRule],
  ['a rule for a file that is no YAML', ruleFor({ 'pay/app.yaml': 'a: [\n' }), byRule],
  ['a rule for another document in the file', ruleFor({ 'pay/app.yaml': `${manifest()}---\n${manifest()}` }), byRule],
  [
    'a rule for a service account',
    ruleFor({ 'pay/app.yaml': manifest().replace('    spec:\n', '    spec:\n      serviceAccountName: admin\n') }),
    byRule,
  ],
  ['a rule for a privileged container', ruleFor({ 'pay/app.yaml': manifest({ more: ', securityContext: {privileged: true}' }) }), byRule],
  [
    'a rule for host access',
    ruleFor({ 'pay/app.yaml': manifest().replace('    spec:\n', '    spec:\n      hostNetwork: true\n') }),
    byRule,
  ],
  ['a rule for another name', ruleFor({ 'pay/app.yaml': manifest().replace('{name: pay}', '{name: other}') }), byRule],
  ['a rule for another kind', ruleFor({ 'pay/app.yaml': manifest().replace('Deployment', 'ClusterRole') }), byRule],
  [
    'a rule for a kind of another group',
    ruleFor({ 'pay/app.yaml': manifest({ memory: '1Gi' }).replace('apps/v1', 'example.com/v1') }),
    byRule,
  ],
  [
    'a rule for one more container',
    ruleFor(
      {
        'pay/app.yaml': `${manifest()}        - {name: eve, image: "eve:1", resources: {limits: {memory: 1Gi}}, securityContext: {privileged: true}}\n`,
      },
      { policyRule: 'fields: [resources.limits.memory]' },
    ),
    byRule,
  ],
  [
    'a rule for memory, and an image besides',
    ruleFor({ 'pay/app.yaml': manifest({ memory: '512Mi', image: 'eve:1' }) }, { policyRule: 'fields: [resources.limits.memory]' }),
    byRule,
  ],
  [
    'a rule for memory, and an image instead',
    ruleFor({ 'pay/app.yaml': manifest({ image: 'eve:1' }) }, { policyRule: 'fields: [resources.limits.memory]' }),
    byRule,
  ],
  ['a rule for another folder', { ...RULES, policyRule: 'paths: [checkout/]' }, byRule],
  ['a rule for a folder whose name only begins so', { ...RULES, policyRule: 'paths: [pa]' }, byRule],
  [
    'a rule for one field, and two',
    ruleFor({ 'pay/app.yaml': manifest({ memory: '512Mi', replicas: 3 }) }, { policyRule: 'maxFields: 1' }),
    byRule,
  ],
  [
    'a rule for six fields',
    ruleFor({
      'pay/app.yaml': manifest({ memory: '1Gi', image: 'pay:2', replicas: 3, more: ', command: [a], args: [b], env: [], envFrom: []' }),
    }),
    byRule,
  ],
  ['a rule for a pull request of people', { ...RULES, ...PERSON }, byRule],
  [
    'a rule for a branch that holds more than the proposal',
    RULES,
    async (at) => {
      await at.gate(await at.push({ 'pay/app.yaml': manifest({ memory: '768Mi' }) }));
      await byRule(at);
    },
  ],
  [
    'a rule of a policy that was tightened meanwhile',
    RULES,
    async (at) => {
      const before = await at.main();
      await at.commit('main', { '.tier0/policy.yaml': CASE_POLICY.replace('maxBlastRadius: 5', 'maxBlastRadius: 1') });
      await standing(at, `rule:relief@${before}`);
    },
  ],
  [
    'a rule of a policy that was withdrawn meanwhile',
    RULES,
    async (at) => {
      const before = await at.main();
      await at.commit('main', { '.tier0/policy.yaml': 'standingRules: []\n' });
      await standing(at, `rule:relief@${before}`);
    },
  ],
  [
    'a rule where the policy asks for two by now',
    RULES,
    async (at) => {
      const rule = `rule:relief@${await at.main()}`;
      await at.commit('main', { '.tier0/policy.yaml': `${CASE_POLICY}approvals: {low: 2, medium: 2, high: 2, critical: 2}\n` });
      await standing(at, rule);
    },
  ],
  [
    'a rule whose use nobody signed',
    { ...RULES, ...SIGNED },
    async (at) => standing(at, `rule:relief@${await at.main()}`, DIGEST, at.unsignedDesk),
  ],
];

/** A policy is what it is when the change merges. */
const POLICY_ATTACKS: readonly ApprovalRow[] = [
  [
    'a freeze',
    { policy: 'freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2027-01-01T00:00:00.000Z"}]\n' },
    (at) => at.approve('ada'),
  ],
  [
    'a freeze that came meanwhile',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.commit('main', {
        '.tier0/policy.yaml': `${CASE_POLICY}freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2027-01-01T00:00:00.000Z"}]\n`,
      });
      await at.gate(await at.head());
    },
  ],
  [
    'a policy that cannot be read',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.commit('main', { '.tier0/policy.yaml': 'approvals: [\n' });
      await at.gate(await at.head());
    },
  ],
  [
    'one approval where the policy asks for two by now',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.commit('main', { '.tier0/policy.yaml': `${CASE_POLICY}approvals: {low: 2, medium: 2, high: 2, critical: 2}\n` });
      await at.gate(await at.head());
    },
  ],
  ['one approval of a high risk, which needs two', { labels: ['tier0', 'tier0/risk:high'] }, (at) => at.approve('ada')],
  ['a risk above what the policy allows by now', { labels: ['tier0/risk:medium'], policy: 'maxRisk: low\n' }, (at) => at.approve('ada')],
];

/** What people approve is what they saw. */
const LOOK_ATTACKS: readonly ApprovalRow[] = [
  ...([PERSON, {}] as const).flatMap((kind): readonly ApprovalRow[] => [
    [
      `a commit added after the look${kind === PERSON ? '' : ' at a proposal'}`,
      kind,
      async (at) => {
        const shown = await at.shown();
        await at.gate(await at.push({ [at.file]: 'limit: 999\n' }, 'mallory'));
        await at.approve('ada', { shown });
      },
    ],
    [
      `another body after the look${kind === PERSON ? '' : ' at a proposal'}`,
      kind,
      async (at) => {
        const shown = await at.shown();
        const { body } = await at.forge.read(at.number, at.context);
        await at.forge.update(at.number, { body: `Harmless\n\n${body}` }, at.context);
        await at.approve('ada', { shown });
      },
    ],
    [
      `another title after the look${kind === PERSON ? '' : ' at a proposal'}`,
      kind,
      async (at) => {
        const shown = await at.shown();
        await at.forge.update(at.number, { title: 'Fix a typo' }, at.context);
        await at.approve('ada', { shown });
      },
    ],
    [
      `the branch made anew after the look${kind === PERSON ? '' : ' at a proposal'}`,
      kind,
      async (at) => {
        const shown = await at.shown();
        await at.rebase('limit: 999\n');
        await at.approve('ada', { shown });
      },
    ],
  ]),
  ['what was never shown', {}, (at) => at.approve('ada', { shown: '0123456789abcdef' })],
  [
    'a commit and a check added before the look: it is not the proposal',
    {},
    async (at) => {
      await at.gate(await at.push({ [at.file]: 'limit: 999\n' }, 'mallory'));
      await at.approve('ada', { shown: await at.shown() });
    },
  ],
  [
    'a second file added to the proposal',
    {},
    async (at) => {
      await at.gate(await at.push({ 'pay/second.yaml': 'a: 1\n' }, 'mallory'));
      await at.approve('ada');
    },
  ],
  ['a commit that names another proposal', { message: `x\n\nTier0-Proposal: ${digestOf('c')}\n` }, (at) => at.approve('ada')],
  [
    'a commit that names the proposal in its text only',
    { message: `x\n\nTier0-Proposal: ${DIGEST}\n\nand more\n` },
    (at) => at.approve('ada'),
  ],
  ['a commit that names no proposal', { message: 'x' }, (at) => at.approve('ada')],
  ['a commit that names the key of the proposal alone', { message: `x\n\nTier0-Key: ${KEY}\n` }, (at) => at.approve('ada')],
  ['a commit that names the digest of the proposal alone', { message: `x\n\nTier0-Proposal: ${DIGEST}\n` }, (at) => at.approve('ada')],
  [
    'a commit that names the key, and takes back what was never merged',
    { message: `x\n\nTier0-Key: ${KEY}\nTier0-Reverts: ${'c'.repeat(40)}\n` },
    (at) => at.approve('ada'),
  ],
  [
    'a check by nobody where the policy names keys',
    { ...SIGNED, gate: 'none' },
    async (at) => {
      await at.forgeGate(await at.head());
      await at.approve('ada');
    },
  ],
  [
    'a check by another key',
    { ...SIGNED, gate: 'none' },
    async (at) => {
      await at.forgeGate(await at.head(), SOMEBODY);
      await at.approve('ada');
    },
  ],
  [
    'a signed check of another commit',
    { ...SIGNED, ...PERSON },
    async (at) => {
      await at.push({ [at.file]: 'limit: 9\n' }, 'mallory');
      await at.forgeGate(await at.head());
      await at.approve('ada');
    },
  ],
  [
    'a check where the policy names a key that is none',
    { policy: 'gateKeys: [{name: gate, publicKey: nonsense}]\n', signer: GATE },
    (at) => at.approve('ada'),
  ],
];

const OWNER_ATTACKS: readonly ApprovalRow[] = [
  ['an owner who is on no list', { base: { CODEOWNERS: '* @shop/unknown\n' } }, (at) => at.approve('unknown')],
  ['the name of an unknown team', { base: { CODEOWNERS: '* @shop/unknown\n' } }, (at) => at.approve('shop/unknown')],
  ['a line of CODEOWNERS that is not understood', { base: { CODEOWNERS: '!/pay/ @payments\n' } }, (at) => at.approve('ada')],
  [
    'one of two sections of GitLab',
    { protection: { codeOwners: 'gitlab' }, base: { CODEOWNERS: '[Pay]\n/pay/ @payments\n[All]\n* @platform\n' } },
    (at) => at.approve('ada'),
  ],
  [
    'one of two approvals of a section',
    { protection: { codeOwners: 'gitlab' }, base: { CODEOWNERS: '[Pay][2]\n/pay/ @payments\n' } },
    (at) => at.approve('ada'),
  ],
  [
    'one of two lines of Gitea',
    { protection: { codeOwners: 'gitea' }, base: { CODEOWNERS: 'pay/.* @payments\n.* @platform\n' } },
    (at) => at.approve('ada'),
  ],
  [
    'a role of GitLab',
    { protection: { codeOwners: 'gitlab' }, base: { CODEOWNERS: '* @@maintainer\n' } },
    (at) => at.approve('@maintainer'),
  ],
];

/** Everything that must not merge. */
export const APPROVAL_ATTACKS: readonly ApprovalRow[] = [
  ...CLASSIC_ATTACKS,
  ...RULE_ATTACKS,
  ...POLICY_ATTACKS,
  ...LOOK_ATTACKS,
  ...OWNER_ATTACKS,
];
const SPELLINGS = ['ada', '@ada', 'grace', '@grace'];

/** What people do every day, which must go through. */
const CLASSIC_FLOWS: readonly ApprovalRow[] = [
  ...SPELLINGS.map((who) => [`${who} approves`, {}, (at: ApprovalCase) => at.approve(who)] as const),
  ...SPELLINGS.map(
    (who) => [`${who} approves what was read`, {}, (at: ApprovalCase) => at.approve(who, { digest: digestOf('b') })] as const,
  ),
  ...(['merge', 'squash'] as const).map(
    (mergeMethod) => [`by ${mergeMethod}`, { protection: { mergeMethod } }, (at: ApprovalCase) => at.approve('ada')] as const,
  ),
  [
    'two owners approve',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'two owners approve, with a stranger between',
    TWO,
    async (at) => {
      await at.approve('ada');
      await at.approve('mallory');
      await at.approve('grace');
    },
  ],
  [
    'an owner and an owner of other paths make two',
    TWO,
    async (at) => {
      await at.approve('linus');
      await at.approve('ada');
    },
  ],
  [
    'the second owner comes before the gate',
    { ...TWO, gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
      await at.gate(await at.head());
    },
  ],
  [
    'the gate comes after the approval',
    { gate: 'pending' },
    async (at) => {
      await at.approve('ada');
      await at.gate(await at.head());
    },
  ],
  [
    'the gate said no first and yes later',
    { gate: 'failure' },
    async (at) => {
      await at.gate(await at.head());
      await at.approve('ada');
    },
  ],
  [
    'an objection is taken back',
    {},
    async (at) => {
      await at.approve('ada', { state: 'changes-requested' });
      await at.approve('ada');
    },
  ],
  [
    'a comment takes no approval back',
    { gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.approve('ada', { state: 'commented' });
      await at.gate(await at.head());
    },
  ],
  [
    'amended, and approved again',
    PERSON,
    async (at) => {
      await at.approve('mallory');
      await at.gate(await at.push({ [at.file]: 'limit: 4\n' }));
      await at.approve('ada');
    },
  ],
  [
    'rebased, and approved again',
    TWO,
    async (at) => {
      await at.approve('ada');
      await rebase(at, 'limit: 3\n');
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'expired, and approved again',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(61);
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'just before it expires',
    TWO,
    async (at) => {
      await at.approve('ada');
      at.wait(59);
      await at.approve('grace');
    },
  ],
  [
    'closed, reopened and approved',
    {},
    async (at) => {
      await at.desk.closeByHuman(at.number, 'grace', 'wait', at.context);
      await at.desk.reopen(at.number, at.context);
      await at.approve('ada');
    },
  ],
  [
    'others work on other files meanwhile',
    {},
    async (at) => {
      await at.commit('main', { 'docs/x.md': `${at.context.now()}\n` }, 'linus');
      await at.approve('ada');
    },
  ],
  [
    'others work in the same folder meanwhile',
    {},
    async (at) => {
      await at.commit('main', { 'pay/neighbour.yaml': `a: ${at.context.now()}\n` }, 'linus');
      await at.approve('ada');
    },
  ],
  [
    'owners of both paths approve',
    { files: { 'pay/both.yaml': 'a: 1\n', 'checkout/both.yaml': 'a: 1\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('barbara');
    },
  ],
  ['a path that nobody owns, by anybody', { file: 'free/1.yaml' }, (at) => at.approve('mallory')],
  ['an owner named by e-mail address', { file: 'mail/1.yaml' }, (at) => at.approve('ada@example.com')],
  ['the last matching line decides', { file: 'checkout/1.yaml' }, (at) => at.approve('barbara')],
  ['everything else belongs to the platform', { file: 'else/1.yaml' }, (at) => at.approve('linus')],
  ['owners are not asked for', { protection: { requireCodeOwners: false } }, (at) => at.approve('mallory')],
  ['no check is asked for', { gate: 'none', protection: { requiredStatuses: [] } }, (at) => at.approve('ada')],
  ["a person's pull request", { author: 'grace' }, (at) => at.approve('ada')],
  [
    "a person's commits in the agent's pull request, approved by the other",
    { ...PERSON, commitAuthor: 'grace' },
    (at) => at.approve('ada'),
  ],
  [
    'a co-author who is somebody else',
    PERSON,
    async (at) => {
      await commitSaying(at, 'x\n\nCo-authored-by: grace <grace@example.com>');
      await at.approve('ada');
    },
  ],
  [
    'several commits',
    PERSON,
    async (at) => {
      await at.push({ [at.file]: 'limit: 5\n' });
      await at.gate(await at.push({ [at.file]: 'limit: 6\n' }));
      await at.approve('ada');
    },
  ],
  ['a file is taken away', { files: { 'pay/neighbour.yaml': undefined, 'pay/taken.yaml': 'a: 1\n' } }, (at) => at.approve('ada')],
  ['a file with a name of many languages', { file: 'pay/größe ☃ 1.yaml' }, (at) => at.approve('ada')],
  ['a rule that people merged', RULES, byRule],
  [
    'a rule, and a person besides',
    { ...RULES, protection: { allowStandingRules: true, minimumApprovals: 2 } },
    async (at) => {
      await byRule(at);
      await at.approve('ada');
    },
  ],
  ['people where rules may approve too', RULES, (at) => at.approve('grace')],
  [
    'owners change their mind twice',
    {},
    async (at) => {
      await at.approve('grace', { state: 'changes-requested' });
      await at.approve('grace', { state: 'commented' });
      await at.approve('grace');
    },
  ],
];

const RULE_FLOWS: readonly ApprovalRow[] = [
  ['a rule for its field', { ...RULES, policyRule: 'fields: [resources.limits.memory]' }, byRule],
  ['a rule for a whole part', { ...RULES, policyRule: 'fields: [spec.template.spec]' }, byRule],
  ['a rule for its folder', { ...RULES, policyRule: 'paths: [pay/]' }, byRule],
  ['a rule for its file', { ...RULES, policyRule: 'paths: [/pay/app.yaml]' }, byRule],
  ['a rule for replicas', ruleFor({ 'pay/app.yaml': manifest({ replicas: 3 }) }), byRule],
  ['a rule for an image', ruleFor({ 'pay/app.yaml': manifest({ image: 'pay:2' }) }), byRule],
  ['a rule for two fields', ruleFor({ 'pay/app.yaml': manifest({ memory: '1Gi', replicas: 3 }) }), byRule],
  [
    'a rule for two files, where it says so',
    ruleFor(
      { 'pay/app.yaml': manifest({ memory: '1Gi' }), 'pay/two.yaml': manifest({ memory: '1Gi' }) },
      { policyRule: 'maxFiles: 2', base: { 'pay/two.yaml': manifest() } },
    ),
    byRule,
  ],
  ['a rule whose use is signed', { ...RULES, ...SIGNED }, byRule],
  [
    'a rule for values of a chart',
    ruleFor({ 'pay/values.yaml': 'memory: 1Gi\n' }, { base: { 'pay/values.yaml': 'memory: 256Mi\n' } }),
    byRule,
  ],
  [
    'a rule for an image in a kustomization',
    ruleFor(
      { 'pay/kustomization.yaml': 'images: [{name: pay, newTag: "2"}]\n' },
      { base: { 'pay/kustomization.yaml': 'images: [{name: pay, newTag: "1"}]\n' } },
    ),
    byRule,
  ],
  [
    'a rule in a file with other documents',
    ruleFor(
      { 'pay/all.yaml': `${manifest()}---\n${manifest({ memory: '1Gi' })}` },
      { base: { 'pay/all.yaml': `${manifest()}---\n${manifest()}` } },
    ),
    byRule,
  ],
];

const LOOK_FLOWS: readonly ApprovalRow[] = [
  ['approved as it was shown', {}, async (at) => at.approve('ada', { shown: await at.shown() })],
  ["a person's pull request approved as it was shown", PERSON, async (at) => at.approve('ada', { shown: await at.shown() })],
  [
    'shown again after a commit, and approved',
    PERSON,
    async (at) => {
      await at.gate(await at.push({ [at.file]: 'limit: 5\n' }));
      await at.approve('ada', { shown: await at.shown() });
    },
  ],
  [
    'shown again after another title, and approved',
    {},
    async (at) => {
      await at.forge.update(at.number, { title: 'Better words' }, at.context);
      await at.approve('ada', { shown: await at.shown() });
    },
  ],
  [
    'made anew, shown again and approved',
    {},
    async (at) => {
      await at.rebase('limit: 5\n');
      await at.approve('ada', { shown: await at.shown() });
    },
  ],
  [
    'a comment of somebody else between look and approval',
    {},
    async (at) => {
      const shown = await at.shown();
      await at.approve('linus', { state: 'commented' });
      await at.approve('ada', { shown });
    },
  ],
  [
    'others merge between look and approval',
    {},
    async (at) => {
      const shown = await at.shown();
      await at.commit('main', { 'docs/x.md': 'x\n' });
      await at.approve('ada', { shown });
    },
  ],
  ['a check by the key that the policy names', SIGNED, (at) => at.approve('ada')],
  [
    'a check by that key after the approval',
    { ...SIGNED, gate: 'none' },
    async (at) => {
      await at.approve('ada');
      await at.gate(await at.head());
    },
  ],
  [
    'a check that failed first and is signed now',
    { ...SIGNED, gate: 'failure' },
    async (at) => {
      await at.gate(await at.head());
      await at.approve('ada');
    },
  ],
];

const POLICY_FLOWS: readonly ApprovalRow[] = [
  [
    'two approvals where the policy asks for two',
    { policy: 'approvals: {low: 2, medium: 2, high: 2, critical: 2}\n' },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  [
    'two approvals of a high risk',
    { labels: ['tier0/risk:high'] },
    async (at) => {
      await at.approve('ada');
      await at.approve('grace');
    },
  ],
  ['one approval of a low risk', { labels: ['tier0/risk:low'] }, (at) => at.approve('ada')],
  [
    'a freeze that is over',
    { policy: 'freezes: [{reason: audit, startsAt: "2026-01-01T00:00:00.000Z", endsAt: "2026-02-01T00:00:00.000Z"}]\n' },
    (at) => at.approve('ada'),
  ],
  [
    'a freeze that is to come',
    { policy: 'freezes: [{reason: audit, startsAt: "2027-01-01T00:00:00.000Z", endsAt: "2027-02-01T00:00:00.000Z"}]\n' },
    (at) => at.approve('ada'),
  ],
  ['a policy without rules', { base: { '.tier0/policy.yaml': 'standingRules: []\n' } }, (at) => at.approve('ada')],
  [
    'sections of GitLab: each has its owner',
    { protection: { codeOwners: 'gitlab' }, base: { CODEOWNERS: '[Pay]\n/pay/ @payments\n[All][1]\n* @platform\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('linus');
    },
  ],
  [
    'an optional section of GitLab',
    { protection: { codeOwners: 'gitlab' }, base: { CODEOWNERS: '[Pay]\n/pay/ @payments\n^[All]\n* @platform\n' } },
    (at) => at.approve('ada'),
  ],
  [
    'every line of Gitea',
    { protection: { codeOwners: 'gitea' }, base: { CODEOWNERS: 'pay/.* @payments\n.* @platform\n' } },
    async (at) => {
      await at.approve('ada');
      await at.approve('linus');
    },
  ],
];

/** Everything that must merge. */
export const EVERYDAY_FLOWS: readonly ApprovalRow[] = [...CLASSIC_FLOWS, ...RULE_FLOWS, ...LOOK_FLOWS, ...POLICY_FLOWS];
