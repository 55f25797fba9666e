import { ask as askQuestion } from '@tier0/agents/assist';
import { type CallContext, formatItemId, Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import { modelFromOptions } from '../world/model-from-options.ts';
import { rightsDesk } from '../world/read-rights.ts';
import type { Command } from './command.ts';
import { createAnswer, formatInstant } from './graph-answer.ts';
import { GRAPH_USAGE, type GraphQuestion, readGraphQuestion } from './graph-question.ts';

/** Lines shown as text; `--output json` has all. */
const SHOWN = 50;

/** `tier0 ask QUESTION`. */
export const ask: Command = {
  name: 'ask',
  usage: `Usage: ${PROGRAM} ask QUESTION [options]

Reads the question into a typed query and answers that from the graph, exactly and with citations. No model is needed; one that is named
only helps to read a question that has none of the known forms, and sees no item:
  who owns Deployment web             which Deployments depend on ConfigMap shop/settings
  how many Pods in namespace shop     what ConfigMaps does Deployment web depend on
  list Deployments with label a=b     what changed near Deployment web in the last 24 hours

  --explain-query      show the typed query besides
  --model URL          OpenAI-compatible API that may help to read it; key in TIER0_MODEL_API_KEY
  --model-name NAME    its model                                           (default)
  --as USER            answer with what this Kubernetes user may read, by the API server's word; nothing else is in any answer
  --as-group GROUPS    groups of that user, with commas between them

${GRAPH_USAGE}

Example: ${PROGRAM} ask "how many Pods in namespace default" --snapshot manifests`,
  async run(args, environment) {
    const text = { type: 'string' } as const;
    const further = { 'explain-query': { type: 'boolean' }, model: text, 'model-name': text, as: text, 'as-group': text } as const;
    const question = await readGraphQuestion('ask', args, { environment, further });
    const { reader, isJson } = question;
    const model = modelFromOptions({
      url: question.value('model'),
      name: question.value('model-name'),
      apiKey: environment.variables.TIER0_MODEL_API_KEY,
    });
    const context = { signal: environment.signal, now: Date.now };
    if (question.positionals.length === 0)
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'What is asked?',
        hint: `Run "${PROGRAM} ask --help" for the questions it knows.`,
      });
    const mayRead = await boundBy(question, context);
    const found = await askQuestion({ text: question.positionals.join(' '), reader, model, mayRead }, context);
    if (isJson) {
      environment.terminal.write(`${JSON.stringify(found)}\n`);
      return found.answer.state === 'answered' ? 0 : 1;
    }
    const answer = createAnswer(environment.terminal);
    if (question.value('explain-query') === 'true') answer.note(`query (read by ${found.readBy}): ${JSON.stringify(found.query)}`);
    if (found.answer.state !== 'answered') {
      answer.heading(`${found.answer.state}: ${found.answer.why}`);
      return 1;
    }
    const { values, cites } = found.answer;
    answer.heading(`${values.length} ${values.length === 1 ? 'answer' : 'answers'}, resting on ${cites.length} items`);
    answer.rows(values.slice(0, SHOWN).map((value) => [formatItemId(value)]));
    if (values.length > SHOWN) answer.note(`and ${values.length - SHOWN} more: see --output json`);
    answer.note(`as of ${formatInstant(reader.at)} UTC`);
    return 0;
  },
};

/** What the user that was named may read; undefined where nobody was named: then it is what this kubeconfig may. */
async function boundBy(question: GraphQuestion, context: CallContext) {
  const [user, groups] = [question.value('as'), question.value('as-group')];
  if (user !== undefined) return rightsDesk(question.live, question.newest).mayRead({ user, groups: groups?.split(',') }, context);
  if (groups === undefined) return undefined;
  throw new Tier0Error({ code: 'INVALID_INPUT', message: '--as-group needs --as.', hint: 'Name the user too, as kubectl wants it.' });
}
