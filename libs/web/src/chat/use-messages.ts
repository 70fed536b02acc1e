import type { Message } from '@reprise/client';
import { useCallback, useState } from 'react';

const NONE: readonly Message[] = [];

/** The messages of the open chat, as far as they are loaded: empty at once when another chat is opened. */
export function useMessages(
  chatId: string | null,
): [readonly Message[], (messages: readonly Message[]) => void] {
  const [known, setKnown] = useState({ chatId, messages: NONE });
  const setMessages = useCallback(
    (messages: readonly Message[]) => {
      setKnown({ chatId, messages });
    },
    [chatId],
  );
  return [known.chatId === chatId ? known.messages : NONE, setMessages];
}
