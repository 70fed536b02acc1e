import type { Connection, Metadata, RepriseClient, StreamState } from '@reprise/client';
import { useCallback, useEffect, useMemo, useRef } from 'react';
import { guideView, type GuideView } from './guide-view.js';
import { Question, Questions } from './questions.js';
import { useReprise, type MessageOptions } from './use-reprise.js';
import type { RunActions } from './use-run.js';

/** The guide's result, and what can be done to the run. */
export interface UseStreamingMessageResult extends GuideView, Pick<RunActions, 'cancel' | 'approve'> {
  messageId: string | null;
  isStreaming: boolean;
  error: string | null;
  /** Sends another message and shows its run in place of this one. */
  sendMessage: (content: string, options?: MessageOptions) => Promise<void>;
  /** Asks the same again and shows the new run. */
  retry: () => Promise<void>;
  connection: Connection;
  /** The whole state, as `@reprise/client` returns it. */
  state: StreamState;
}

/**
 * Sends a message when the component mounts and shows its run: the hook from the streaming guide, except that a lost
 * connection is resumed, and a component that mounts again in the middle of its run continues with it. To show an
 * existing run, use `useRun`.
 * @param userMessage sent again when it, the chat or the content of `metadata` changes; a blank one is not sent.
 */
export function useStreamingMessage(
  chatId: string,
  userMessage: string,
  metadata: Metadata = {},
  options: { client?: RepriseClient } = {},
): UseStreamingMessageResult {
  const reprise = useReprise({ chatId, ...options });
  const { client, show, state } = reprise;
  const metadataJson = JSON.stringify(metadata);
  const current = useRef<Question>(undefined);
  const key = JSON.stringify([chatId, userMessage, metadataJson]);

  useEffect(() => {
    if (userMessage.trim() === '') return;
    const questions = Questions.of(client);
    const question = questions.ask(key, () =>
      client.send({ chatId, content: userMessage, metadata: JSON.parse(metadataJson) as Metadata }),
    );
    current.current = question;
    show(question.sent).catch(() => undefined); // also in `error`
    return () => {
      if (current.current) questions.leave(current.current);
    };
  }, [client, show, key, chatId, userMessage, metadataJson]);

  const { send, retry, cancel, approve, messageId, isStreaming, connection } = reprise;
  const sendMessage = useCallback(
    async (content: string, more?: MessageOptions) => {
      current.current = new Question(key, send(content, more));
      await current.current.sent;
    },
    [key, send],
  );
  const retryMessage = useCallback(async () => {
    current.current = new Question(key, retry());
    await current.current.sent;
  }, [key, retry]);

  const error = state.error?.text ?? reprise.error?.message ?? null;
  const view = useMemo(() => guideView(state), [state]);
  const shown = { ...view, messageId, isStreaming, error, connection, state };
  return { ...shown, sendMessage, retry: retryMessage, cancel, approve };
}
