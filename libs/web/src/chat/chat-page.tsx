import type { Chat, Message } from '@reprise/client';
import { Suspense, useCallback, useState, type ReactElement } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import { useChat } from '../api/chats.js';
import { PageHeader } from '../shell/page-header.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import { useTitle } from '../ui/use-title.js';
import { ChatActions } from './chat-actions.js';
import { Composer } from './composer.js';
import { Conversation, JumpToLatest } from './conversation.js';
import { preloadMarkdown } from './markdown/markdown.js';
import { useOutbox } from './outbox.js';
import { OutgoingView } from './outgoing-view.js';
import { useSending } from './use-sending.js';
import { useStickToBottom, type Sticking } from './use-stick-to-bottom.js';
import { useStopKey } from './use-stop-key.js';
import { useStopping } from './use-stopping.js';
import { Welcome } from './welcome.js';
import classes from './chat-page.module.css';

// Before the first answer asks for it.
preloadMarkdown();

const NOBODY: readonly Message[] = [];

/** A new chat: nothing is stored before the first message. */
export function NewChatPage(): ReactElement {
  const [, navigate] = useLocation();
  const { send } = useSending();
  const start = async (text: string): Promise<boolean> => {
    const chatId = await send(null, text);
    if (chatId !== null) navigate(`/chats/${chatId}`, { replace: true });
    return chatId !== null;
  };
  useTitle('New chat');
  return (
    <>
      <PageHeader title="New chat" />
      <div className={classes.scroller}>
        <div className={classes.column} data-centred>
          <Welcome onPick={start} />
        </div>
      </div>
      <div className={classes.dock}>
        <Composer draftKey="new" isRunning={false} onSend={start} onStop={() => undefined} />
        <Hint />
      </div>
    </>
  );
}

/** One chat. */
export function ChatPage({ chatId }: { chatId: string }): ReactElement {
  const chat = useChat(chatId);
  const sticking = useStickToBottom();
  const [messages, setMessages] = useState(NOBODY);
  const { isRunning, stop } = useStopping(messages);
  const { send } = useSending();
  const { goToEnd } = sticking;
  const onSend = async (text: string): Promise<boolean> => {
    goToEnd();
    return (await send(chatId, text)) !== null;
  };
  const isMissing = chat.error !== null && !chat.data;
  useTitle(chat.data?.title ?? 'Chat');
  useStopKey(isRunning, stop);
  return (
    <>
      <PageHeader title={chat.data?.title ?? ''}>{chat.data && <ChatActions chat={chat.data} />}</PageHeader>
      <div ref={sticking.scroller} className={classes.scroller} data-scroller tabIndex={-1}>
        <div ref={sticking.content} className={classes.column}>
          {isMissing && <LoadError error={chat.error} onRetry={() => void chat.refetch()} />}
          {chat.data && (
            <Suspense fallback={<LateLoader />}>
              <Messages chat={chat.data} sticking={sticking} onMessages={setMessages} onSend={onSend} />
            </Suspense>
          )}
        </div>
      </div>
      {!isMissing && (
        <div className={classes.dock}>
          <JumpToLatest isShown={!sticking.isAtEnd} onClick={goToEnd} />
          <Composer draftKey={chatId} isRunning={isRunning} onSend={onSend} onStop={stop} />
          <Hint />
        </div>
      )}
    </>
  );
}

interface MessagesProps {
  chat: Chat;
  sticking: Sticking;
  onMessages: (messages: readonly Message[]) => void;
  onSend: (text: string) => Promise<boolean>;
}

/** What the server has of a chat, and below it what is on its way there. */
function Messages({ chat, sticking, onMessages, onSend }: MessagesProps): ReactElement {
  const [search] = useSearchParams();
  const outgoing = useOutbox().filter((message) => message.chatId === chat.chat_id);
  const { resend, retry } = useSending();
  const onRetry = useCallback((question: Message) => void retry(question), [retry]);
  return (
    <Conversation
      chat={chat}
      sticking={sticking}
      target={search.get('message')}
      onRetry={onRetry}
      onMessages={onMessages}
      empty={outgoing.length === 0 && <Welcome onPick={onSend} />}
    >
      {outgoing.map((message) => (
        <OutgoingView key={message.key} message={message} onResend={(again) => void resend(again)} />
      ))}
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
