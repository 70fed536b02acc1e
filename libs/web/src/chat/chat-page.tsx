import type { Attachment, Chat, Message } from '@reprise/client';
import { Suspense, useCallback, useLayoutEffect, useRef, type ReactElement } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useChat } from '../api/chats.js';
import { PageHeader } from '../shell/page-header.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import { useTitle } from '../ui/use-title.js';
import { ChatActions } from './chat-actions.js';
import { Composer } from './composer.js';
import { Conversation, JumpToLatest } from './conversation.js';
import { returnFiles } from './draft-files.js';
import { askForBox, moveDraft, NEW_CHAT, prependDraft } from './drafts.js';
import { GoneChat } from './gone-chat.js';
import { preloadMarkdown } from './markdown/markdown.js';
import { drop, type Outgoing } from './outbox.js';
import { OutgoingView } from './outgoing-view.js';
import { useMessages } from './use-messages.js';
import { useRoom } from './use-room.js';
import { isGone, useSending } from './use-sending.js';
import { useStickToBottom, type Sticking } from './use-stick-to-bottom.js';
import { useStopKey } from './use-stop-key.js';
import { useStopping } from './use-stopping.js';
import { Welcome } from './welcome.js';
import classes from './chat-page.module.css';

// Before the first answer needs it.
preloadMarkdown();

/**
 * A chat, or a new one, of which nothing is stored before its first message. One component for both, so that the input
 * box stays where it is when the new chat gets its address.
 */
export function ChatPage({ chatId }: { chatId: string | null }): ReactElement {
  const chat = useChat(chatId);
  const sticking = useStickToBottom();
  const [messages, setMessages] = useMessages(chatId);
  const { isRunning, stop } = useStopping(messages);
  const { room, outgoing, enter } = useRoom(chatId);
  const sending = useSending();
  const { goToEnd } = sticking;
  /** The question that the next message follows, if it is not the newest. */
  const tip = useRef<string | null>(null);
  const onTip = useCallback((parent: string | null) => {
    tip.current = parent;
  }, []);
  const onSend = (content: string, attachments: readonly Attachment[] = []): void => {
    goToEnd();
    const files = attachments.length > 0 ? { attachments } : {};
    sending.send(room, { content, parent: tip.current, ...files });
    tip.current = null; // what is written next follows this message
  };
  const onResend = (message: Outgoing): void => {
    enter(message.room);
    sending.resend(message);
  };
  const isMissing = chat.error !== null && (!chat.data || isGone(chat.error));
  const title = chatId === null ? 'New chat' : (chat.data?.title ?? '');
  useTitle(title || 'Chat');
  useStopKey(isRunning && !isMissing, stop);
  const isEmpty = chatId === null && outgoing.length === 0;
  const unsent = <Unsent draftKey={chatId ?? NEW_CHAT} outgoing={outgoing} onResend={onResend} />;
  return (
    <>
      <PageHeader title={title}>{chat.data && !isMissing && <ChatActions chat={chat.data} />}</PageHeader>
      <div ref={sticking.scroller} className={classes.scroller} data-scroller tabIndex={-1}>
        <div ref={sticking.content} className={classes.column} data-centred={isEmpty || undefined}>
          <BeginAtEnd key={chatId} goToEnd={goToEnd} />
          {chatId === null && (isEmpty ? <Welcome onPick={onSend} /> : unsent)}
          {isMissing && <Missing chat={chat} chatId={chatId ?? ''} outgoing={outgoing} />}
          {chat.data && !isMissing && (
            <Suspense fallback={<LateLoader />}>
              <Messages
                key={chatId}
                chat={chat.data}
                sticking={sticking}
                onTip={onTip}
                onMessages={setMessages}
                unsent={unsent}
                empty={outgoing.length === 0 && <Welcome onPick={onSend} />}
              />
            </Suspense>
          )}
        </div>
      </div>
      {!isMissing && (
        <div className={classes.dock}>
          <JumpToLatest isShown={!sticking.isAtEnd} onClick={goToEnd} />
          <Composer draftKey={chatId ?? NEW_CHAT} isRunning={isRunning} onSend={onSend} onStop={stop} />
          <Hint />
        </div>
      )}
    </>
  );
}

/** A chat opens at its newest message; rendered before the chat, because a link may lead elsewhere. */
function BeginAtEnd({ goToEnd }: { goToEnd: () => void }): null {
  useLayoutEffect(goToEnd, [goToEnd]);
  return null;
}

interface MissingProps {
  chat: ReturnType<typeof useChat>;
  chatId: string;
  outgoing: readonly Outgoing[];
}

/** Replaces a chat that is gone or cannot be loaded. */
function Missing({ chat, chatId, outgoing }: MissingProps): ReactElement {
  if (!isGone(chat.error)) return <LoadError error={chat.error} onRetry={() => void chat.refetch()} />;
  return (
    <>
      <GoneChat chatId={chatId} wasKnown={chat.data !== undefined} />
      <Unsent draftKey={NEW_CHAT} leavesChat={chatId} outgoing={outgoing} />
    </>
  );
}

interface UnsentProps {
  /** Where to scroll to a message that is to be changed. */
  draftKey: string;
  /** The chat that can no longer be written to. */
  leavesChat?: string;
  outgoing: readonly Outgoing[];
  onResend?: (message: Outgoing) => void;
}

/** What is being sent, or failed to arrive. */
function Unsent({ draftKey, leavesChat, outgoing, onResend }: UnsentProps): ReactElement {
  const [, navigate] = useLocation();
  const onEdit = ({ key, content, attachments = [] }: Outgoing): void => {
    if (leavesChat !== undefined) {
      moveDraft(leavesChat, draftKey);
      navigate('/');
    }
    prependDraft(draftKey, content);
    returnFiles(draftKey, attachments);
    drop(key);
    askForBox();
  };
  return (
    <>
      {outgoing.map((message) => (
        <OutgoingView key={message.key} message={message} onResend={onResend} onEdit={onEdit} />
      ))}
    </>
  );
}

interface MessagesProps {
  chat: Chat;
  sticking: Sticking;
  onTip: (parent: string | null) => void;
  onMessages: (messages: readonly Message[]) => void;
  unsent: ReactElement;
  empty: ReactElement | false;
}

/** What the server has of a chat, and below it what is being sent. */
function Messages({ chat, sticking, onTip, onMessages, unsent, empty }: MessagesProps): ReactElement {
  const [search] = useSearchParams();
  const { retry, edit } = useSending();
  const onRetry = useCallback((question: Message) => void retry(question), [retry]);
  return (
    <Conversation
      chat={chat}
      sticking={sticking}
      target={search.get('message')}
      onRetry={onRetry}
      onEdit={edit}
      onTip={onTip}
      onMessages={onMessages}
      empty={empty}
    >
      {unsent}
    </Conversation>
  );
}

function Hint(): ReactElement {
  return (
    <p className={classes.hint}>
      <kbd>Enter</kbd> sends · <kbd>Shift</kbd> <kbd>Enter</kbd> starts a new line
    </p>
  );
}
