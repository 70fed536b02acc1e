import type { Chat } from '@reprise/client';
import { ActionIcon, Loader, Skeleton } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { useEffect, useRef, type ReactElement } from 'react';
import { Link, useRoute } from 'wouter';
import { useChats } from '../api/chats.js';
import { ageOf } from '../ui/format.js';
import { LoadError } from '../ui/load-error.js';
import { ChatMenu } from './chat-menu.js';
import classes from './sidebar.module.css';

/** The user's chats by the day of their last activity. */
export function ChatList(): ReactElement {
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useChats();
  const [, open] = useRoute('/chats/:chatId');
  if (isPending) return <Waiting />;
  if (!data) return <LoadError error={error} onRetry={() => void refetch()} />;
  if (data.length === 0) return <p className={classes.empty}>Your chats will appear here.</p>;
  return (
    <>
      {byAge(data).map(([age, chats]) => (
        <section key={age} aria-label={age}>
          <h2 className={classes.age}>{age}</h2>
          <ul className={classes.list}>
            {chats.map((chat) => (
              <ChatRow key={chat.chat_id} chat={chat} isOpen={open?.chatId === chat.chat_id} />
            ))}
          </ul>
        </section>
      ))}
      {hasNextPage && <More isBusy={isFetchingNextPage} onReached={() => void fetchNextPage()} />}
    </>
  );
}

/** Chats under the heading of their last activity, in order. */
function byAge(chats: readonly Chat[]): [string, Chat[]][] {
  const ages = new Map<string, Chat[]>();
  for (const chat of chats) {
    const age = ageOf(chat.updated_at);
    ages.set(age, [...(ages.get(age) ?? []), chat]);
  }
  return [...ages];
}

function ChatRow({ chat, isOpen }: { chat: Chat; isOpen: boolean }): ReactElement {
  return (
    <li className={classes.item} data-open={isOpen}>
      <Link
        href={`/chats/${chat.chat_id}`}
        className={classes.link}
        aria-current={isOpen ? 'page' : undefined}
        title={chat.title}
        dir="auto"
      >
        {chat.title}
      </Link>
      <ChatMenu chat={chat}>
        <ActionIcon
          className={classes.dots ?? ''}
          variant="transparent"
          color="gray"
          size={26}
          aria-label={`Options for ${chat.title}`}
        >
          <IconDots size={16} stroke={1.8} />
        </ActionIcon>
      </ChatMenu>
    </li>
  );
}

function More({ isBusy, onReached }: { isBusy: boolean; onReached: () => void }): ReactElement {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current || isBusy) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) onReached();
    });
    observer.observe(mark.current);
    return () => {
      observer.disconnect();
    };
  }, [isBusy, onReached]);
  return (
    <div ref={mark} className={classes.moreMark}>
      {isBusy && <Loader size="xs" color="gray" />}
    </div>
  );
}

function Waiting(): ReactElement {
  return (
    <div className={classes.waiting} aria-hidden>
      {[68, 82, 55, 74].map((width) => (
        <Skeleton key={width} height={12} width={`${width}%`} radius="sm" />
      ))}
    </div>
  );
}
