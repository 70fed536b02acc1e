import type { Message } from '@reprise/client';
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
import { useStickToBottom } from './use-stick-to-bottom.js';
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
    if (chatId !== null) navigate(`/chats/${chatId}`);
    return chatId !== null;
  };
  useTitle('New chat');
  return (
    <>
      <PageHeader title="New chat" />
      <div className={classes.scroller}>
        <div className={classes.column} data-centred>
          <Welcome onPick={(text) => void start(text)} />
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
  const [search] = useSearchParams();
  const sticking = useStickToBottom();
  const outgoing = useOutbox().filter((message) => message.chatId === chatId);
  const [messages, setMessages] = useState(NOBODY);
  const { isRunning, stop } = useStopping(messages);
  const { goToEnd } = sticking;
  const { send, resend, retry } = useSending();
  const onRetry = useCallback(
    (question: Message) => {
      goToEnd();
      void retry(question);
    },
    [retry, goToEnd],
  );
  const onSend = async (text: string): Promise<boolean> => {
    goToEnd();
    return (await send(chatId, text)) !== null;
  };
  useTitle(chat.data?.title ?? 'Chat');
  useStopKey(isRunning, stop);
  return (
    <>
      <PageHeader title={chat.data?.title ?? ''}>{chat.data && <ChatActions chat={chat.data} />}</PageHeader>
      <div ref={sticking.scroller} className={classes.scroller} tabIndex={-1}>
        <div ref={sticking.content} className={classes.column}>
          {chat.error && !chat.data && <LoadError error={chat.error} onRetry={() => void chat.refetch()} />}
          {chat.data && (
            <Suspense fallback={<LateLoader />}>
              <Conversation
                chat={chat.data}
                sticking={sticking}
                target={search.get('message')}
                onRetry={onRetry}
                onMessages={setMessages}
                empty={outgoing.length === 0 && <Welcome onPick={(text) => void onSend(text)} />}
              >
                {outgoing.map((message) => (
                  <OutgoingView
                    key={message.key}
                    message={message}
                    onResend={(again) => void resend(again)}
                  />
                ))}
              </Conversation>
            </Suspense>
          )}
        </div>
      </div>
      {!chat.error && (
        <div className={classes.dock}>
          <JumpToLatest isShown={!sticking.isAtEnd} onClick={goToEnd} />
          <Composer draftKey={chatId} isRunning={isRunning} onSend={onSend} onStop={stop} />
          <Hint />
        </div>
      )}
    </>
  );
}

function Hint(): ReactElement {
  return (
    <p className={classes.hint}>
      <kbd>Enter</kbd> sends · <kbd>Shift</kbd> <kbd>Enter</kbd> starts a new line
    </p>
  );
}
