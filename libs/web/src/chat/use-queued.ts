import { hasEnded, type Message, type StreamState } from '@reprise/client';
import { FollowedRuns } from '@reprise/react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { refreshHistory } from '../api/messages.js';
import { reprise } from '../api/reprise.js';
import { isLive } from './exchanges.js';

/** The order may have changed, which only the server knows; checked this often, ms. */
const LOOK_MS = 3000;

/**
 * Ids of messages whose run waits for an earlier one in the chat: they have no events yet, so they need no stream. The
 * first one that waits is next as soon as the run before it has ended.
 */
export function useQueued(messages: readonly Message[]): ReadonlySet<string> {
  const live = messages.filter((message) => isLive(message) && !hasEnded(stateOf(message)));
  const isRunning = live.some(({ status }) => status !== 'pending');
  const waiting = live.filter(({ status }) => status === 'pending').slice(isRunning ? 0 : 1);
  useLook(isRunning || waiting.length === 0 ? undefined : live[0]);
  return new Set(waiting.map((message) => message.message_id));
}

function stateOf({ message_id }: Message): StreamState {
  return FollowedRuns.of(reprise).snapshot(message_id).state;
}

/** Checks that this message is really next, until it has started. */
function useLook(next: Message | undefined): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!next) return;
    const timer = setInterval(() => {
      if (stateOf(next).seq < 0 && !document.hidden) void refreshHistory(queries, next.chat_id);
    }, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, [queries, next]);
}
