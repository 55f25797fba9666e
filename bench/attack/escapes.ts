// Characters that move a cursor, change colours, turn directions or hide, in every text that strangers write, at every place people read.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { diagnoseCluster, toDiagnosisDocument, toDiagnosisText } from '@tier0/agents';
import { openSnapshot, readSnapshot } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';
import { painted, toOutlet } from '../../packages/cli/src/terminal/outlet.ts';
import { createTimeline } from '../../packages/cli/src/terminal/timeline.ts';
import { codeBlock, inline } from '../../packages/gitops/src/governance/markdown.ts';
import { type Attack, hold } from './attack.ts';

const context = { signal: new AbortController().signal, now: Date.now };
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/u;
const PAYLOADS = [
  '\u001b[2J\u001b[H',
  '\u001b]0;title\u0007',
  '\u001b]8;;http://evil\u0007x',
  '\u009b2J',
  '\u009d0;t\u009c',
  '\r\u001b[K',
  '\b\b\b',
  '\u202egnp.exe',
  '\u2066x\u2069',
  '\u200b',
  '\u200e',
  '\ufeff',
  '\u2028x',
  '\u{e0041}',
  '\ue000dead\u001b[31m\ue001',
  '\u001b[8m',
  '\u0085',
  '\u007f',
  '\u001b#8',
  '\u001bP+q\u001b\\',
];

function seen(text: string): void {
  const rest = text.replaceAll('\n', '').replaceAll('\t', '');
  hold(!UNSEEN.test(rest), `it lets U+${(UNSEEN.exec(rest)?.[0].codePointAt(0) ?? 0).toString(16)} through`);
}

async function diagnosed(payload: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
  try {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `p${payload}`, namespace: 'n', uid: 'u', annotations: { a: payload } },
      spec: { containers: [{ name: 'c', image: `x${payload}` }] },
      status: {
        phase: 'Pending',
        containerStatuses: [
          {
            name: 'c',
            ready: false,
            restartCount: 0,
            image: 'x',
            state: { waiting: { reason: 'ImagePullBackOff', message: `m ${payload}` } },
          },
        ],
      },
    };
    await writeFile(join(folder, 'all.json'), JSON.stringify(pod));
    const { reader } = await openSnapshot(await readSnapshot(folder), {}, context);
    const plain = { strong: String, dim: String, bad: String, good: String };
    const document = toDiagnosisDocument(await diagnoseCluster(reader, {}, context), reader);
    return toDiagnosisText(document, { style: plain, width: 100, verbose: true });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const PLACES: Readonly<Record<string, (payload: string) => Promise<string> | string>> = {
  'title of a pull request': (payload) => toOutlet(`#1  ${payload}  (by ${payload})\n`),
  'body and diff': (payload) => toOutlet(`\n${payload}\n+a: ${payload}\n`),
  'error of an API': (payload) => toOutlet(`tier0: ${new Tier0Error({ code: 'UNAVAILABLE', message: payload, hint: payload }).message}\n`),
  'timeline of an incident': (payload) => {
    const written: string[] = [];
    const timeline = createTimeline({ write: (text) => void written.push(toOutlet(text)), colour: false, width: 80 });
    timeline.line('2026-01-01T00:00:00Z', payload, payload);
    timeline.detail(payload);
    return written.join('');
  },
  'text of a diagnosis': async (payload) => toOutlet(await diagnosed(payload)),
  'painted text': (payload) => {
    const own = painted('red', 'x').split('x');
    const said = toOutlet(painted('red', payload));
    const [open, close] = own.map((sequence) => toOutlet(sequence ?? ''));
    return said.slice(open?.length, said.length - (close?.length ?? 0));
  },
  'pull request text': (payload) => inline(payload),
  'pull request block': (payload) => codeBlock(payload),
};

export const attacks: readonly Attack[] = Object.entries(PLACES).flatMap(([place, write]) =>
  PAYLOADS.map((payload) => ({ kind: `escape: ${place}`, name: JSON.stringify(payload), run: async () => seen(await write(payload)) })),
);
