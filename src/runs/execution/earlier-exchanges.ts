import type { EarlierExchange } from '../../agent/index.js';
import type { Exchange } from '../../messages/index.js';

/**
 * Earlier exchanges as passed to the agent. A question that failed, and would fail again, is left out: a conversation
 * that contains it (too long, rejected by the provider) might never get another answer. Any other unanswered question
 * stays, since the next one may refer to it ("try again", "in Danish, please").
 */
export function toEarlierExchanges(exchanges: readonly Exchange[]): EarlierExchange[] {
  return exchanges
    .filter(({ question: { run }, answer }) => answer?.content || run?.failure?.retryable !== false)
    .map(toEarlierExchange);
}

/** One of them. */
export function toEarlierExchange({ question, answer, place }: Exchange): EarlierExchange {
  return {
    message_id: question._id.toHexString(),
    question: question.content,
    ...(place && { place: place.toHexString() }),
    ...(question.run?.tool_calls === 0 && { without_tools: true }),
    ...(answer?.content && { answer: answer.content }),
    ...(question.attachments && { attachments: question.attachments }),
  };
}
