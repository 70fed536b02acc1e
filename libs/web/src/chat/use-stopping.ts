import { hasEnded, type Message } from '@reprise/client';
import { FollowedRuns } from '@reprise/react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { refreshChat } from '../api/chats.js';
import { reprise } from '../api/reprise.js';
import { notifyError } from '../ui/notify.js';
import { isLive } from './exchanges.js';
import { isGone } from './use-sending.js';

/** What can be stopped, and how. */
export interface Stopping {
  isRunning: boolean;
  /** Stops the active run; the ones waiting for it start. */
  stop: () => void;
}

/** @param messages of the open chat. */
export function useStopping(messages: readonly Message[]): Stopping {
  const queries = useQueryClient();
  const stop = useCallback(() => {
    // The list learns of an end slightly later than whatever follows the run.
    const current = messages.find(
      (message) => isLive(message) && !hasEnded(FollowedRuns.of(reprise).snapshot(message.message_id).state),
    );
    if (!current) return;
    reprise.cancel(current.message_id).catch((error: unknown) => {
      if (isGone(error)) void refreshChat(queries, current.chat_id);
      else notifyError('The run could not be stopped', error);
    });
  }, [messages, queries]);
  return { isRunning: messages.some(isLive), stop };
}
