import { hasEnded, type Message, type StreamState } from '@reprise/client';
import { RunStore } from '@reprise/react';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { refreshHistory } from '../api/messages.js';
import { reprise } from '../api/reprise.js';
import { isLive } from './turns.js';

/** Who is next may have changed places with another one, which only the server can tell; asked this often, ms. */
const LOOK_MS = 3000;

/**
 * Ids of messages whose run waits for an earlier one of the chat: they have no events, and so need no stream. The first
 * that waits is next as soon as the run before it has ended.
 */
export function useQueued(messages: readonly Message[]): ReadonlySet<string> {
  const live = messages.filter((message) => isLive(message) && !hasEnded(stateOf(message)));
  const isRunning = live.some(({ status }) => status === 'processing');
  const waiting = live.filter(({ status }) => status === 'pending').slice(isRunning ? 0 : 1);
  useLook(isRunning || waiting.length === 0 ? undefined : live[0]);
  return new Set(waiting.map((message) => message.message_id));
}

function stateOf({ message_id }: Message): StreamState {
  return RunStore.of(reprise).snapshot(message_id).state;
}

/** Looks whether it is really this message that is next, for as long as it has not begun. */
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
