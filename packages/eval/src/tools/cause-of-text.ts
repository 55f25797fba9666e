import type { Cause } from '@tier0/core';

/**
 * Words that tools and Kubernetes use, and the cause they stand for. The first match wins, so exact wordings stand before vague ones.
 * It is deliberately generous: a tool that says the right thing in its own words should get the point. Symptoms that fit many causes
 * (crash loops, failed probes, back-offs without a reason) map to nothing.
 */
const WORDINGS: readonly (readonly [pattern: RegExp, cause: Cause])[] = [
  [
    /couldn'?t find key .{1,200} in configmap|configmap .{0,120}(missing|has no|without|lacks) .{0,40}key|key .{0,120}(missing|not found|not exist).{0,80}configmap|configmap key/i,
    'configmap-key-missing',
  ],
  [/couldn'?t find key .{1,200} in secret|key .{0,120}(missing|not found|not exist).{0,80}secret/i, 'secret-key-missing'],
  [/configmap .{0,160}(not found|not exist|missing)/i, 'configmap-missing'],
  [/secret .{0,160}(not found|not exist|missing)/i, 'secret-missing'],
  [/serviceaccount .{0,160}(not found|not exist)/i, 'service-account-missing'],
  [/unauthorized|authentication required|pull access denied|no basic auth credentials/i, 'image-pull-unauthorized'],
  [/no such host|dial tcp .{0,200}(registry|443).{0,80}(timeout|refused)/i, 'image-registry-unreachable'],
  [/exec format error|no match(ing manifest)? for platform/i, 'image-wrong-architecture'],
  [
    /ErrImagePull|ImagePullBackOff|back-off pulling image|failed to pull (and unpack )?image|manifest (unknown|for .{1,200} not found)|image .{0,200}(not found|does not exist|cannot be (found|pulled))|InvalidImageName/i,
    'image-not-found',
  ],
  [/memory leak|leaks memory|memory (keeps )?grow(s|ing)/i, 'memory-leak'],
  [/OOM ?Killed|out of memory|exceeded its memory limit|memory limit/i, 'memory-limit-too-low'],
  [
    /no endpoints?.{0,200}(expected label|selector)|expected label|selector (matches|selects) (no|nothing)|selector .{0,120}(mismatch|does not match|matches no)/i,
    'service-selector-mismatch',
  ],
  [/target ?port .{0,160}(wrong|mismatch|no container|not exposed|does not)/i, 'service-target-port-wrong'],
  [/insufficient (cpu|memory)/i, 'insufficient-node-capacity'],
  [/didn'?t match (pod'?s )?node (affinity|selector)/i, 'node-selector-unsatisfiable'],
  [/untolerated taint|taint .{0,120}(not|didn'?t) tolerat/i, 'taint-not-tolerated'],
  [/exceeded quota/i, 'quota-exceeded'],
  [/violates PodSecurity/i, 'pod-security-rejected'],
  [/storageclass .{0,160}not found/i, 'storage-class-missing'],
  [/persistentvolumeclaim .{0,160}not found/i, 'volume-claim-missing'],
  [/Multi-Attach error/i, 'volume-attach-conflict'],
  [/NodeNotReady|node is not ready|kubelet stopped posting/i, 'node-not-ready'],
  [/BackoffLimitExceeded/i, 'job-backoff-exceeded'],
  [/DeadlineExceeded.{0,80}job|job was active longer/i, 'job-deadline-exceeded'],
  [/ProgressDeadlineExceeded/i, 'rollout-deadline-exceeded'],
];

const READ_CHARACTERS = 4_000;

/** The cause that a text in a tool's own words names; undefined when it describes a symptom or something else. */
export function causeOfText(text: string): Cause | undefined {
  const read = text.slice(0, READ_CHARACTERS);
  return WORDINGS.find(([pattern]) => pattern.test(read))?.[1];
}
