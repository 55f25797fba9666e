import type { CallContext, CmdbReader, LanguageModel } from '@tier0/core';
import { askForJson } from '../../models/structured-output.ts';
import { type NamesOfOthers, namesOfOthers } from '../../tools/names-of-others.ts';
import { ASK } from '../prompts/ask.ts';
import { answerQuery, type GraphAnswer } from './answer-query.ts';
import { type GraphQuery, GraphQuerySchema } from './graph-query.ts';
import { readQuestion } from './read-question.ts';

/** A question in plain words, and who may help to read it. */
export interface Question {
  readonly text: string;
  readonly reader: CmdbReader;
  /** Only reads the question; it sees no item. Absent, or when it fails: the forms of `readQuestion`. */
  readonly model?: LanguageModel | undefined;
  /** What the caller may know of. Default: everything. */
  readonly mayRead?: ((item: string) => boolean) | undefined;
}

/** The answer with the query it is the answer to. */
export interface QuestionAnswer {
  readonly query: GraphQuery;
  readonly readBy: 'forms' | 'model';
  readonly answer: GraphAnswer;
}

/** Reads the question into a typed query and answers that from the graph: exact, with citations, the same with or without a model. */
export async function ask({ text, reader, model, mayRead }: Question, context: CallContext): Promise<QuestionAnswer> {
  const formed = readQuestion(text, reader);
  const modelled = formed.ask === 'unclear' && model ? await readByModel(text, reader, { model, context }) : undefined;
  const query = modelled ?? formed;
  const answer = answerQuery(query, reader, mayRead);
  return { query, readBy: modelled ? 'model' : 'forms', answer: mayRead ? withheld(answer, namesOfOthers(reader, mayRead)) : answer };
}

/** Values may hold names of what the caller may not know: an address in a column. */
function withheld(answer: GraphAnswer, names: NamesOfOthers): GraphAnswer {
  if (answer.state !== 'answered') return { ...answer, why: names.withhold(answer.why) };
  return { ...answer, text: names.withhold(answer.text), values: answer.values.map((value) => names.withhold(value)) };
}

interface Help {
  readonly model: LanguageModel;
  readonly context: CallContext;
}

async function readByModel(text: string, reader: CmdbReader, { model, context }: Help): Promise<GraphQuery | undefined> {
  const kinds = [...new Set(reader.items({}).items.map(({ kind }) => kind))].sort().slice(0, 100);
  const messages = [
    { role: 'system' as const, content: `${ASK.text}\nKinds: ${kinds.join(', ')}.` },
    { role: 'user' as const, content: text.slice(0, 2_000) },
  ];
  const answer = await askForJson({ model, messages, schema: GraphQuerySchema, maxOutputTokens: 300 }, context);
  return answer.state === 'answered' ? answer.value : undefined;
}
