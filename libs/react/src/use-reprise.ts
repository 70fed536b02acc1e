import type { CreatedMessage, RepriseClient, RepriseError, SendOptions } from '@reprise/client';
import { useCallback, useRef, useState } from 'react';
import { useRepriseClient } from './context.js';
import { toRepriseError } from './followed-runs.js';
import { useRun, type UseRunResult } from './use-run.js';

/** Everything about a message except its chat and text. */
export type MessageOptions = Omit<SendOptions, 'chatId' | 'content' | 'signal'>;

/** The newest run of a chat and how to start the next one. */
export interface UseRepriseResult extends UseRunResult {
  client: RepriseClient;
  /** The question whose run is shown. */
  messageId: string | null;
  /** A message is on its way to the server. */
  isSending: boolean;
  /** Sends a message and shows its run. Rejects with `RepriseError`, which is also in `error`. */
  send: (content: string, options?: MessageOptions) => Promise<CreatedMessage>;
  /** Shows the run that a promise resolves to. */
  show: (sent: Promise<CreatedMessage>) => Promise<CreatedMessage>;
}

interface Shown {
  readonly chatId: string;
  readonly run: CreatedMessage | null;
  readonly isSending: boolean;
  readonly error: RepriseError | null;
}

/** One chat: send, and watch the run of the last message sent. `retry` shows the new run, too. */
export function useReprise(options: { chatId: string; client?: RepriseClient }): UseRepriseResult {
  const { chatId } = options;
  const client = useRepriseClient(options.client);
  const nothing: Shown = { chatId, run: null, isSending: false, error: null };
  const [latest, setLatest] = useState(nothing);
  const shown = latest.chatId === chatId ? latest : nothing; // from another chat: discard it
  const run = useRun(shown.run, { client });

  const newest = useRef<Promise<CreatedMessage>>(undefined);
  const show = useCallback(
    async (sent: Promise<CreatedMessage>): Promise<CreatedMessage> => {
      const set = (change: Omit<Shown, 'chatId'>): void => {
        if (newest.current === sent) setLatest({ chatId, ...change });
      };
      newest.current = sent;
      set({ run: null, isSending: true, error: null });
      try {
        const created = await sent;
        set({ run: created, isSending: false, error: null });
        return created;
      } catch (thrown) {
        const error = toRepriseError(thrown);
        set({ run: null, isSending: false, error });
        throw error;
      }
    },
    [chatId],
  );
  const send = useCallback(
    (content: string, more: MessageOptions = {}) => show(client.send({ ...more, chatId, content })),
    [client, chatId, show],
  );
  const { retry: retryRun } = run;
  const retry = useCallback(() => show(retryRun()), [retryRun, show]);

  const messageId = shown.run?.message_id ?? null;
  return {
    ...run,
    client,
    messageId,
    isSending: shown.isSending,
    error: shown.error ?? run.error,
    send,
    retry,
    show,
  };
}
