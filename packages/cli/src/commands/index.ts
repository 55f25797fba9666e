import type { ListedCommand } from './command.ts';

/** Every command of `tier0`, in the order the help lists them. What a command is made of is loaded when it is asked for. */
export const COMMANDS: readonly ListedCommand[] = [
  { name: 'play', summary: 'bring a scenario to life on this machine and handle it', load: async () => (await import('./play.ts')).play },
  {
    name: 'diagnose',
    summary: 'what is broken in a cluster, why, and what would fix it',
    load: async () => (await import('./diagnose.ts')).diagnose,
  },
  {
    name: 'explain',
    summary: 'what the code of a finding means, and what to do about it',
    load: async () => (await import('./explain.ts')).explain,
  },
  { name: 'record', summary: 'save a live cluster as a folder, without secrets', load: async () => (await import('./record.ts')).record },
  {
    name: 'serve-recording',
    summary: 'serve a recorded cluster as a read-only Kubernetes API, for kubectl and other tools',
    load: async () => (await import('./serve-recording.ts')).serveRecording,
  },
  {
    name: 'serve',
    summary: 'on duty: watch clusters, and carry what is wrong to the end, with people deciding',
    load: async () => (await import('./serve.ts')).serve,
  },
  {
    name: 'init',
    summary: 'write tier0.yaml from the kubeconfig, the repository and at most five answers',
    load: async () => (await import('./init.ts')).init,
  },
  {
    name: 'config',
    summary: 'the configuration of "tier0 serve": an example, its schema, a check',
    load: async () => (await import('./config.ts')).config,
  },
  { name: 'run', summary: 'look at a real cluster and propose to a real repository', load: async () => (await import('./run.ts')).run },
  {
    name: 'resume',
    summary: 'go on with an interrupted run; nothing is done twice',
    load: async () => (await import('./resume.ts')).resume,
  },
  {
    name: 'propose',
    summary: 'open a pull request that changes one field of a live object',
    load: async () => (await import('./propose.ts')).proposeCommand,
  },
  { name: 'pr', summary: 'list, show, approve or reject pull requests of the local forge', load: async () => (await import('./pr.ts')).pr },
  { name: 'expire', summary: 'take back temporary changes whose time is over', load: async () => (await import('./expire.ts')).expire },
  {
    name: 'tickets',
    summary: 'list the follow-ups of a run, or close one as fixed',
    load: async () => (await import('./tickets.ts')).tickets,
  },
  {
    name: 'patterns',
    summary: 'search what the organisation knows: runbooks, incidents, policies, patterns that worked',
    load: async () => (await import('./patterns.ts')).patterns,
  },
  {
    name: 'audit',
    summary: 'verify an audit file (edited, dropped, moved and cut-off records), or export it',
    load: async () => (await import('./audit.ts')).audit,
  },
  {
    name: 'policy',
    summary: 'test your admission policies; show the key that signs for the gate',
    load: async () => (await import('./policy.ts')).policy,
  },
  {
    name: 'locate',
    summary: 'find the file in Git that declares a field of a live object',
    load: async () => (await import('./locate.ts')).locate,
  },
  {
    name: 'edit',
    summary: 'change one field of a YAML or JSON file and no other byte',
    load: async () => (await import('./edit.ts')).edit,
  },
  { name: 'impact', summary: 'what a failure of an item reaches', load: async () => (await import('./impact.ts')).impact },
  {
    name: 'owner',
    summary: 'the team that answers for an item, and how that is known',
    load: async () => (await import('./owner.ts')).owner,
  },
  { name: 'changes', summary: 'what changed on an item and on what can harm it', load: async () => (await import('./changes.ts')).changes },
  { name: 'diff', summary: 'what differs between two moments', load: async () => (await import('./diff.ts')).diff },
  {
    name: 'ask',
    summary: 'a question about the estate in plain words, answered from the graph',
    load: async () => (await import('./ask.ts')).ask,
  },
  {
    name: 'recommend',
    summary: 'manifests for what somebody wants to run, judged before they are shown',
    load: async () => (await import('./recommend.ts')).recommend,
  },
  {
    name: 'mcp',
    summary: 'serve the CMDB and its findings to other agents by the Model Context Protocol',
    load: async () => (await import('./mcp.ts')).mcp,
  },
  {
    name: 'record-model',
    summary: 'record what a language model answers, to be played again without it',
    load: async () => (await import('./record-model.ts')).recordModelCommand,
  },
  {
    name: 'eval',
    summary: 'compare operations tools on evidence and on recorded incidents',
    load: async () => (await import('./eval.ts')).evaluate,
  },
  {
    name: 'doctor',
    summary: 'check this machine, the cluster and the repository, and say how to mend what is wrong',
    load: async () => (await import('./doctor.ts')).doctor,
  },
  {
    name: 'completion',
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./completion.ts')).createCompletionCommand(() => COMMANDS),
  },
  {
    name: 'help',
    summary: 'this list; "help COMMAND" explains one',
    load: async () => (await import('./help.ts')).createHelpCommand(() => COMMANDS),
  },
];
