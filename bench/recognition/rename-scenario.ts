import { cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Kinds whose objects people name. */
const NAMED =
  /^(Deployment|StatefulSet|DaemonSet|Job|CronJob|Service|ConfigMap|Secret|PersistentVolumeClaim|Ingress|Namespace|HorizontalPodAutoscaler)$/;
/** Names that mean something by themselves. */
const KEPT = /^(default|kube-.*|kubernetes|coredns|local-path.*)$/;

/** Names that people gave to what stands in a recording, longest first. */
export function namesIn(directory: string): readonly string[] {
  const names = new Set<string>();
  for (const file of filesBelow(directory)) {
    const text = readFileSync(file, 'utf8');
    if (!/\.(ya?ml|json)$/.test(file)) continue;
    for (const document of text.split(/^---$/m)) {
      const kind = /^kind:\s*"?(\w+)/m.exec(document)?.[1] ?? '';
      const name = /^metadata:[\s\S]*?^ {2}name:\s*"?([a-z0-9.-]+)/m.exec(document)?.[1];
      if (name && NAMED.test(kind) && name.length >= 4 && !KEPT.test(name)) names.add(name);
    }
  }
  return [...names].sort((a, b) => b.length - a.length || (a < b ? -1 : 1));
}

/** Copies a recording with other names everywhere: in objects, references, logs, events and addresses. */
export function renameScenario(from: string, to: string, newNames: ReadonlyMap<string, string>): void {
  const pattern = new RegExp(
    `(?<![A-Za-z0-9])(?:${[...newNames.keys()].map((name) => name.replaceAll('.', '\\.')).join('|')})(?![A-Za-z0-9])`,
    'g',
  );
  const renamed = (text: string) => (newNames.size === 0 ? text : text.replace(pattern, (name) => newNames.get(name) ?? name));
  for (const file of filesBelow(from)) {
    const target = join(to, renamed(relative(from, file)));
    mkdirSync(dirname(target), { recursive: true });
    if (/\.(ya?ml|json|log|txt)$/.test(file)) writeFileSync(target, renamed(readFileSync(file, 'utf8')));
    else cpSync(file, target);
  }
}

function filesBelow(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((path) => join(directory, path))
    .filter((path) => statSync(path).isFile());
}
