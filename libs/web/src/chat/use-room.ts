import { useEffect, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { moveDraft, NEW_CHAT } from './drafts.js';
import { chatMadeFor, interruptedRoom, isNewRoom, newRoom, useOutbox, type Outgoing } from './outbox.js';

/** Where messages from the open page go. */
export interface Room {
  /** See `Outgoing`. */
  room: string;
  /** Of this room; on the page of a new chat also what failed to send in others. */
  outgoing: readonly Outgoing[];
  /** The page shows this room from now on, unless it shows a chat. */
  enter: (room: string) => void;
}

/**
 * The room of a chat, or of one that is yet to be created; when it is created, the page navigates there and takes the
 * draft along.
 */
export function useRoom(chatId: string | null): Room {
  const [visit, setVisit] = useState(() => ({ chatId, room: interruptedRoom() ?? newRoom() }));
  if (visit.chatId !== chatId) setVisit({ chatId, room: newRoom() });
  const room = chatId ?? visit.room;
  const all = useOutbox();
  const outgoing = useMemo(
    () =>
      all.filter(
        (message) =>
          message.room === room || (chatId === null && isNewRoom(message.room) && message.error !== null),
      ),
    [all, chatId, room],
  );
  const enter = (other: string): void => {
    if (isNewRoom(other)) setVisit({ chatId, room: other });
  };
  const made = chatMadeFor(room);
  const [, navigate] = useLocation();
  useEffect(() => {
    if (chatId !== null || made === undefined) return;
    moveDraft(NEW_CHAT, made);
    navigate(`/chats/${made}`, { replace: true });
  }, [chatId, made, navigate]);
  return { room, outgoing, enter };
}
