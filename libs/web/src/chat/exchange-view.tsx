import { hasEnded, type Attachment, type Message, type StreamState } from '@reprise/client';
import { useRun } from '@reprise/react';
import { VisuallyHidden } from '@mantine/core';
import { IconChevronRight, IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { memo, useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { refreshEnded } from '../api/chats.js';
import { refreshHistory } from '../api/messages.js';
import { messageOf } from '../ui/error-text.js';
import { formatMs } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { useSeen } from '../ui/use-seen.js';
import { AnswerFooter } from './answer-footer.js';
import { Markdown } from './markdown/markdown.js';
import { QuestionEditor } from './question-editor.js';
import { Question } from './question.js';
import { Failure, RunBody } from './run-body.js';
import { StatusLine, statusOf } from './status-line.js';
import { isLive, type Exchange, type Version } from './exchanges.js';
import { useAnswerFacts } from './use-answer-facts.js';
import { isGone } from './use-sending.js';
import { VersionPicker } from './version-picker.js';
import classes from './exchange.module.css';

/** What {@link ExchangeView} takes. */
export interface ExchangeViewProps {
  exchange: Exchange;
  /** Index of the version that is shown. */
  at: number;
  onPick: (place: string, version: string) => void;
  /** A link points to it. */
  isTarget: boolean;
  /** The version whose run waits for another one: there is nothing to follow yet. */
  queued: string | null;
  onRetry: (question: Message) => void;
  onEdit: EditQuestion;
}

/** Asks a question in other words, or with other files. */
export type EditQuestion = (question: Message, text: string, attachments: readonly Attachment[]) => void;

/** A question and its answer, in the version that the reader has picked. */
export const ExchangeView = memo(function ExchangeView({
  exchange,
  at,
  onPick,
  isTarget,
  queued,
  onRetry,
  onEdit,
}: ExchangeViewProps): ReactElement {
  const { id, question, reply } = exchange.versions[at] ?? NOTHING;
  const pick = (to: number): void => {
    const version = exchange.versions[to];
    if (version) onPick(exchange.id, version.id);
  };
  const article = useRef<HTMLElement>(null);
  const retry = (again: Message): void => {
    onRetry(again);
    article.current?.focus({ preventScroll: true }); // the button that was pressed disappears
  };
  return (
    <article
      ref={article}
      className={classes.exchange}
      data-message={exchange.id}
      data-target={isTarget}
      aria-label={question?.content.slice(0, 80)}
      tabIndex={-1}
    >
      <AskedQuestion
        question={question}
        onEdit={(text, files) => {
          if (question) onEdit(question, text, files);
          article.current?.focus({ preventScroll: true });
        }}
      >
        <VersionPicker at={at} count={exchange.versions.length} onPick={pick} />
      </AskedQuestion>
      {question ? (
        <Answer
          key={`answer-${id}`}
          question={question}
          reply={reply}
          isQueued={queued === id}
          onRetry={retry}
        />
      ) : (
        <Markdown text={reply?.content ?? ''} />
      )}
    </article>
  );
});

interface AskedQuestionProps {
  question: Message | null;
  onEdit: (text: string, attachments: readonly Attachment[]) => void;
  /** Beside the button. */
  children: ReactNode;
}

/** A question that can be changed in its place. */
function AskedQuestion({ question, onEdit, children }: AskedQuestionProps): ReactElement {
  const [edited, setEdited] = useState<string | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  if (!question) return <>{children}</>;
  const { message_id: id, content, attachments } = question;
  if (edited === id)
    return (
      <QuestionEditor
        key={id}
        question={question}
        onSend={(text, files) => {
          setEdited(null);
          onEdit(text, files);
        }}
        onCancel={() => {
          flushSync(() => {
            setEdited(null);
          });
          button.current?.focus();
        }}
      />
    );
  return (
    <>
      <Question key={id} text={content} files={attachments} />
      <div className={classes.tools}>
        <IconButton
          ref={button}
          label="Edit question"
          className={classes.edit ?? ''}
          size={28}
          onClick={() => {
            setEdited(id);
          }}
        >
          <IconPencil size={15} stroke={1.8} />
        </IconButton>
        {children}
      </div>
    </>
  );
}

const NOTHING: Version = { id: '', question: null, reply: null, order: -1 };

interface AnswerProps {
  question: Message;
  reply: Message | null;
  isQueued: boolean;
  onRetry: (question: Message) => void;
}

function Answer({ question, reply, isQueued, onRetry }: AnswerProps): ReactElement {
  const { message_id: id } = question;
  // A run that was watched live stays open; one that had ended before starts folded.
  const [wasLive] = useState(isLive(question));
  const [isOpen, setOpen] = useState(false);
  const run = useRun((wasLive && !isQueued) || isOpen ? id : null);
  const box = useRef<HTMLDivElement>(null);
  const facts = useAnswerFacts({ question, reply, state: run.state, isSeen: useSeen(box) });
  const isOver = !isLive(question) || hasEnded(run.state);
  useRefreshAtEnd(question, hasEnded(run.state) || isGone(run.error));
  const retry = (): void => {
    onRetry(question);
  };
  return (
    <div ref={box} className={classes.answer}>
      {!wasLive && <Folder ms={facts.ms} isOpen={isOpen} onToggle={setOpen} />}
      <AnswerText question={question} reply={reply} state={run.state} isUnfolded={wasLive || isOpen} />
      {isOpen && run.error && (
        <p className={classes.note}>The steps cannot be shown: {messageOf(run.error)}</p>
      )}
      {isOpen && hasEnded(run.state) && !hasSteps(run.state) && (
        <p className={classes.note}>There were no intermediate steps.</p>
      )}
      <Ending question={question} state={run.state} error={wasLive ? run.error : null} onRetry={retry} />
      {isOver || run.error ? (
        <AnswerFooter messageId={id} facts={facts} opensSources={wasLive} onRetry={retry} />
      ) : (
        <StatusLine state={run.state} connection={run.connection} question={question} />
      )}
      {wasLive && <Announcer state={run.state} />}
    </div>
  );
}

interface AnswerTextProps {
  question: Message;
  reply: Message | null;
  state: StreamState;
  /** Its steps are shown too. */
  isUnfolded: boolean;
}

/** The stored answer until its log is loaded; a half-read log must not replace the whole answer. */
function AnswerText({ question, reply, state, isUnfolded }: AnswerTextProps): ReactElement | null {
  const isRead = reply === null ? state.seq >= 0 : hasEnded(state);
  if (isUnfolded && isRead) return <RunBody messageId={question.message_id} state={state} />;
  if (reply === null) return null;
  return (
    <div data-text>
      <Markdown text={reply.content} isGrowing={question.status !== 'completed'} />
    </div>
  );
}

/** A log without a tool, a thought or a plan. */
function hasSteps({ parts, plan }: StreamState): boolean {
  return plan.length > 0 || parts.some(({ kind }) => kind !== 'text' && kind !== 'status');
}

/** Tells lists that a watched run has ended, or that it was deleted. */
function useRefreshAtEnd(question: Message, isOverNow: boolean): void {
  const queries = useQueryClient();
  const { chat_id } = question;
  const isNews = isOverNow && isLive(question);
  useEffect(() => {
    if (!isNews) return;
    void refreshHistory(queries, chat_id);
    void refreshEnded(queries, chat_id);
  }, [isNews, queries, chat_id]);
}

interface EndingProps {
  question: Message;
  state: StreamState;
  error: Error | null;
  onRetry: () => void;
}

/** How a run ended, if it did not complete. */
function Ending({ question, state, error, onRetry }: EndingProps): ReactElement | null {
  const status = hasEnded(state) ? state.status : question.status;
  const text = state.error?.text ?? question.error ?? 'The run failed.';
  if (status === 'error') return <Failure text={text} onRetry={onRetry} />;
  if (status === 'cancelled') return <p className={classes.note}>This answer was stopped.</p>;
  if (error) return <Failure text={messageOf(error)} onRetry={onRetry} />;
  return null;
}

interface FolderProps {
  ms: number | null;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}

function Folder({ ms, isOpen, onToggle }: FolderProps): ReactElement {
  return (
    <button
      type="button"
      className={classes.folder}
      aria-expanded={isOpen}
      onClick={() => {
        onToggle(!isOpen);
      }}
    >
      {ms === null ? 'Steps' : `Worked for ${formatMs(ms)}`}
      <IconChevronRight size={14} stroke={2} data-open={isOpen} aria-hidden />
    </button>
  );
}

const END_WORDS: Partial<Record<StreamState['status'], string>> = {
  completed: 'The answer is complete.',
  error: 'The answer failed.',
  cancelled: 'The answer was stopped.',
};

/** Tells screen readers the status; they read the answer itself when they like. */
function Announcer({ state }: { state: StreamState }): ReactElement {
  const { status } = state;
  const words = END_WORDS[status] ?? statusOf(state);
  return <VisuallyHidden role="status">{words}</VisuallyHidden>;
}
