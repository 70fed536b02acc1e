import type { Turn } from '../../agent/index.js';
import type { Exchange } from '../../messages/index.js';

/**
 * Earlier exchanges as passed to the agent. A question that failed, and would fail again, is left out: a conversation
 * that contains it (too long, rejected by the provider) might never get another answer. Any other unanswered question
 * stays, since the next one may refer to it ("try again", "in Danish, please").
 */
export function toTurns(exchanges: readonly Exchange[]): Turn[] {
  return exchanges.flatMap(({ question, answer }) => {
    const turn = { message_id: question._id.toHexString(), question: question.content };
    if (answer?.content) return [{ ...turn, answer: answer.content }];
    return question.run?.failure?.retryable === false ? [] : [turn];
  });
}
