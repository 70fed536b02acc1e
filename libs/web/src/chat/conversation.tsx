import type { Chat, Message } from '@reprise/client';
import { Loader } from '@mantine/core';
import { IconArrowDown } from '@tabler/icons-react';
import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  type ReactElement,
  type ReactNode,
} from 'react';
import { useHistory } from '../api/messages.js';
import { LateLoader } from '../ui/late-loader.js';
import { LoadError } from '../ui/load-error.js';
import { useBranch, type Shown } from './branch.js';
import { hasVersion, toExchanges, type Exchange } from './exchanges.js';
import { ExchangeView, type EditQuestion } from './exchange-view.js';
import { turnAt, useKeptPlace } from './use-kept-place.js';
import { useWholePrint } from './use-printing.js';
import { useQueued } from './use-queued.js';
import type { Sticking } from './use-stick-to-bottom.js';
import classes from './conversation.module.css';

/** What {@link Conversation} takes. */
export interface ConversationProps {
  chat: Chat;
  sticking: Sticking;
  /** The message that a link points to. */
  target: string | null;
  onRetry: (question: Message) => void;
  onEdit: EditQuestion;
  /** Called with the newest question that is shown, if newer ones are on other branches. */
  onTip: (parent: string | null) => void;
  /** Called with the messages whenever they change. */
  onMessages: (messages: readonly Message[]) => void;
  /** Below the last exchange: what is being sent. */
  children: ReactNode;
  /** Shown if there are no exchanges. */
  empty: ReactNode;
}

/** The exchanges of a chat; earlier ones are loaded as the reader scrolls up. */
export function Conversation(props: ConversationProps): ReactElement {
  const { chat, sticking, target, onRetry, onEdit, onTip, onMessages, children, empty } = props;
  const history = useHistory(chat);
  const { data, error, hasPreviousPage, hasNextPage, isFetching, fetchPreviousPage, fetchNextPage } = history;
  const messages = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data]);
  const places = useMemo(() => toExchanges(messages, hasPreviousPage), [messages, hasPreviousPage]);
  const [branch, pick] = useBranch(places, target);
  const exchanges = branch.map(({ exchange }) => exchange);
  useTip(branch, messages, onTip);
  const queued = useQueued(messages);
  const { scroller } = sticking;
  useKeptPlace(scroller, exchanges[0]?.id);
  const targetExchange = exchanges.find((exchange) => hasVersion(exchange, target))?.id ?? null;
  useTarget({ target: targetExchange, sticking, newest: exchanges.at(-1)?.id });
  const loadMore = async (): Promise<unknown> => (isFetching ? undefined : fetchPreviousPage());
  useWholePrint({ hasMore: hasPreviousPage, loadMore });
  const show = useShowing(sticking, exchanges);
  const retry = useCallback(
    (question: Message) => {
      show(question);
      onRetry(question);
    },
    [show, onRetry],
  );
  const edit: EditQuestion = useCallback(
    (question, text, attachments) => {
      show(question);
      onEdit(question, text, attachments);
    },
    [show, onEdit],
  );

  useEffect(() => {
    onMessages(messages);
  }, [messages, onMessages]);
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const isTargetMissing = target !== null && data !== undefined && targetExchange === null;
  useEffect(() => {
    if (isTargetMissing && hasPreviousPage && !isFetching) void fetchPreviousPage();
  }, [isTargetMissing, hasPreviousPage, isFetching, fetchPreviousPage]);

  if (!data && !error) return <LateLoader />;
  if (error && !data) return <LoadError error={error} onRetry={() => void history.refetch()} />;
  return (
    <>
      {hasPreviousPage && (
        <Earlier scroller={scroller} isBusy={isFetching} onReached={() => void fetchPreviousPage()} />
      )}
      {branch.map(({ exchange, at }) => (
        <ExchangeView
          key={exchange.id}
          exchange={exchange}
          at={at}
          onPick={pick}
          isTarget={exchange.id === targetExchange}
          queued={exchange.versions.find(({ id }) => queued.has(id))?.id ?? null}
          onRetry={retry}
          onEdit={edit}
        />
      ))}
      {children}
      {exchanges.length === 0 && !hasPreviousPage && empty}
    </>
  );
}

/** Reports where a message of the reader belongs, if that is not behind the newest question. */
function useTip(
  branch: readonly Shown[],
  messages: readonly Message[],
  onTip: (parent: string | null) => void,
): void {
  const last = branch.at(-1);
  const shown = last?.exchange.versions[last.at]?.question?.message_id;
  const newest = messages.findLast(({ role }) => role === 'user')?.message_id;
  const parent = shown === undefined || shown === newest ? null : shown;
  useEffect(() => {
    onTip(parent);
  }, [parent, onTip]);
}

interface TargetOptions {
  /** The exchange; `null` until it is loaded. */
  target: string | null;
  sticking: Sticking;
  newest: string | undefined;
}

/** Scrolls the exchange that a link points to into view, once, unless it is the newest, which is in view anyway. */
function useTarget({ target, sticking, newest }: TargetOptions): void {
  const shown = useRef<string | null>(null);
  const { scroller, letGo } = sticking;
  const isNewest = target === newest;
  useLayoutEffect(() => {
    if (target === null || shown.current === target) return;
    shown.current = target;
    if (isNewest || !scroller.current) return;
    letGo();
    turnAt(scroller.current, target)?.scrollIntoView({ block: 'start' });
  }, [isNewest, target, scroller, letGo]);
}

/** Keeps a question's position in view, where another answer to it will appear. */
function useShowing(sticking: Sticking, exchanges: readonly Exchange[]): (question: Message) => void {
  const { scroller, goToEnd, letGo } = sticking;
  const known = useRef(exchanges);
  useEffect(() => {
    known.current = exchanges;
  });
  return useCallback(
    (question: Message) => {
      const exchange = known.current.find((one) => hasVersion(one, question.message_id));
      if (!exchange || exchange === known.current.at(-1)) goToEnd();
      else {
        letGo();
        showStart(scroller.current, exchange.id);
      }
    },
    [scroller, goToEnd, letGo],
  );
}

/** Scrolls up to the beginning of an exchange if that is out of view. */
function showStart(box: HTMLElement | null, id: string): void {
  const place = box && turnAt(box, id);
  if (place && place.getBoundingClientRect().top < box.getBoundingClientRect().top)
    place.scrollIntoView({ block: 'start' });
}

interface EarlierProps {
  scroller: Sticking['scroller'];
  isBusy: boolean;
  onReached: () => void;
}

/** Shown above the first exchange. Reserves its space from the beginning, so that nothing moves when it works. */
function Earlier({ scroller, isBusy, onReached }: EarlierProps): ReactElement {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!mark.current || isBusy) return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) onReached();
      },
      { root: scroller.current, rootMargin: '600px 0px 0px' },
    );
    observer.observe(mark.current);
    return () => {
      observer.disconnect();
    };
  }, [scroller, isBusy, onReached]);
  return (
    <div ref={mark} className={classes.earlier}>
      {isBusy && <Loader size="xs" color="gray" aria-label="Loading earlier messages" />}
    </div>
  );
}

/** Scrolls back to the newest exchange. */
export function JumpToLatest({
  isShown,
  onClick,
}: {
  isShown: boolean;
  onClick: () => void;
}): ReactElement | null {
  if (!isShown) return null;
  return (
    <button type="button" className={classes.jump} onClick={onClick}>
      <IconArrowDown size={16} stroke={2} aria-hidden /> Jump to latest
    </button>
  );
}
