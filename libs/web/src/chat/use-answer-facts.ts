import { hasEnded, type Message, type StreamState } from '@reprise/client';
import { useMemo } from 'react';
import { useEndedRun, useToolCalls } from '../api/messages.js';
import type { AnswerFacts } from './answer-footer.js';
import { sourcesOf } from './sources.js';
import { isLive } from './exchanges.js';

/** What {@link useAnswerFacts} takes. */
export interface FactsOptions {
  question: Message;
  reply: Message | null;
  /** Of the log, if it was read. */
  state: StreamState;
  /** Load only what somebody looks at. */
  isSeen: boolean;
}

/** What is known about an answer: from its log if that was read, else from the server. */
export function useAnswerFacts({ question, reply, state, isSeen }: FactsOptions): AnswerFacts {
  const isRead = hasEnded(state);
  const hasEndedBefore = !isLive(question);
  const run = useEndedRun(question.message_id, isSeen && hasEndedBefore && !isRead).data?.run;
  const callCount = isRead ? state.toolCalls.length : (run?.tool_calls ?? 0);
  const calls = useToolCalls(
    question.message_id,
    callCount,
    isSeen && callCount > 0 && (isRead || hasEndedBefore),
  ).data;
  const content = isRead ? state.content : (reply?.content ?? '');
  const named = (isRead ? state.sources : reply?.sources) ?? null;
  const sources = useMemo(() => sourcesOf(named, calls ?? [], content), [named, calls, content]);
  return {
    content,
    ms: state.msTotal ?? question.processing_time_ms ?? reply?.processing_time_ms ?? null,
    tokens: state.usage?.total_tokens ?? run?.usage?.total_tokens ?? null,
    model: state.model ?? run?.model ?? null,
    sources,
  };
}
