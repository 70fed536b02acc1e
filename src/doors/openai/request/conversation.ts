import type { Said, SentFile } from './content.js';
import { invalid } from './parse.js';

/** One message of a request's conversation. */
export interface Turn extends Said {
  role: 'instructions' | 'user' | 'assistant';
  /** For errors. */
  field: string;
}

/** Something said before, and the answer to it. */
export interface EarlierTurn {
  question: string;
  answer: string | undefined;
}

/** A conversation as a request tells it. */
export interface ToldConversation {
  instructions: string | undefined;
  /** Oldest first. */
  earlier: readonly EarlierTurn[];
  /** What is asked now. */
  question: string;
  files: readonly SentFile[];
  /** Where the question is, for errors. */
  field: string;
}

/**
 * Sorts the messages of a request: what the application says, what was said before, and the question. Messages of a user
 * that follow one another are one.
 * @throws AppError `validation_failed` if the user does not have the last word.
 */
export function toldBy(turns: readonly Turn[], field: string): ToldConversation {
  const instructions = turns.filter(({ role }) => role === 'instructions').map(({ text }) => text);
  const said = turns.filter(({ role }) => role !== 'instructions');
  const last = said.findLastIndex(({ role }) => role === 'assistant');
  const asked = said.slice(last + 1);
  const question = joined(asked);
  if (asked.length === 0) throw invalid(field, 'must end with a message of the user');
  const files = asked.flatMap((turn) => turn.files);
  if (question.trim() === '') throw invalid(asked.at(-1)?.field ?? field, 'must not be blank');
  return {
    instructions: instructions.length > 0 ? instructions.join('\n\n') : undefined,
    earlier: exchangesOf(said.slice(0, last + 1)),
    question,
    files,
    field: asked.at(-1)?.field ?? field,
  };
}

function exchangesOf(said: readonly Turn[]): EarlierTurn[] {
  const exchanges: { questions: Turn[]; answers: Turn[] }[] = [];
  for (const turn of said) {
    const open = exchanges.at(-1);
    if (turn.role === 'assistant' && open) open.answers.push(turn);
    else if (turn.role === 'user' && open?.answers.length === 0) open.questions.push(turn);
    else if (turn.role === 'user') exchanges.push({ questions: [turn], answers: [] });
    // A greeting: it belongs to what the user says to it.
    else exchanges.push({ questions: [], answers: [turn] });
  }
  return exchanges.map(({ questions, answers }) => ({
    question: questions.length > 0 ? joined(questions) : GREETING,
    answer: answers.length > 0 ? joined(answers) : undefined,
  }));
}

/** Providers accept no conversation that begins with an answer. */
const GREETING = '(The conversation begins.)';

const joined = (turns: readonly Turn[]): string =>
  turns
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .join('\n\n');
