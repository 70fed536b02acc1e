import type { Turn } from '../../agent/index.js';
import type { Exchange } from '../../messages/index.js';

/**
 * Earlier exchanges as the agent is given them. A question that failed, and would fail again, is left out: the
 * conversation that holds it (too long, refused by the provider) might never be answered any more. Any other question
 * without an answer stays, since the next one may rest on it ("try again", "in Danish, please").
 */
export function toTurns(exchanges: readonly Exchange[]): Turn[] {
  return exchanges.flatMap(({ question, answer }) => {
    const turn = { message_id: question._id.toHexString(), question: question.content };
    if (answer?.content) return [{ ...turn, answer: answer.content }];
    return question.run?.failure?.retryable === false ? [] : [turn];
  });
}
