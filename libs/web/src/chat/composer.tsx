import { Textarea } from '@mantine/core';
import { IconArrowUp, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactElement } from 'react';
import { readStored, store } from '../api/stored.js';
import { IconButton } from '../ui/icon-button.js';
import classes from './composer.module.css';

const MOST_ROWS = 10;

/** What {@link Composer} takes. */
export interface ComposerProps {
  /** What is being written is kept under this name, over reloads. */
  draftKey: string;
  /** A run goes on: there is something to stop, and what is sent waits for it. */
  isRunning: boolean;
  /** @returns false when it could not be taken: the text stays. */
  onSend: (text: string) => Promise<boolean>;
  onStop: () => void;
}

/** Where one writes. */
export function Composer({ draftKey, isRunning, onSend, onStop }: ComposerProps): ReactElement {
  const { text, setText, canSend, send } = useText(draftKey, onSend);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    focusBox(field.current);
  }, [draftKey]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void send();
  };
  return (
    <form
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <Textarea
        ref={field}
        classNames={{ input: classes.input ?? '' }}
        variant="unstyled"
        autosize
        minRows={1}
        maxRows={MOST_ROWS}
        placeholder={isRunning ? 'Write the next message…' : 'Ask anything…'}
        aria-label="Message"
        attributes={{ input: { dir: 'auto' } }}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
        onKeyDown={onKeyDown}
      />
      <Actions
        isRunning={isRunning}
        canSend={canSend}
        onStop={() => {
          onStop();
          focusBox(field.current); // the button goes away
        }}
      />
    </form>
  );
}

/** On a phone the keyboard would cover what the reader came for. */
function focusBox(box: HTMLTextAreaElement | null): void {
  if (matchMedia('(hover: hover)').matches) box?.focus();
}

interface ActionsProps {
  isRunning: boolean;
  canSend: boolean;
  onStop: () => void;
}

function Actions({ isRunning, canSend, onStop }: ActionsProps): ReactElement {
  return (
    <div className={classes.actions}>
      {isRunning && (
        <IconButton label="Stop" keys="Esc" variant="default" radius="xl" size={34} onClick={onStop}>
          <IconPlayerStopFilled size={15} />
        </IconButton>
      )}
      {(!isRunning || canSend) && (
        <IconButton
          label={isRunning ? 'Send when the answer is complete' : 'Send'}
          keys="Enter"
          variant="filled"
          color="indigo"
          c={canSend ? 'white' : 'var(--ink-dim)'}
          radius="xl"
          size={34}
          type="submit"
          disabled={!canSend}
        >
          <IconArrowUp size={18} stroke={2.2} />
        </IconButton>
      )}
    </div>
  );
}

interface Text {
  text: string;
  setText: (text: string) => void;
  canSend: boolean;
  send: () => Promise<void>;
}

function useText(draftKey: string, onSend: ComposerProps['onSend']): Text {
  const [text, setText] = useDraft(draftKey);
  const [isSending, setSending] = useState(false);
  const canSend = text.trim() !== '' && !isSending;
  const send = async (): Promise<void> => {
    if (!canSend) return;
    setSending(true);
    setText('');
    const isTaken = await onSend(text.trim());
    if (!isTaken) setText(text);
    setSending(false);
  };
  return { text, setText, canSend, send };
}

/** What is being written, kept in this browser under its key. */
function useDraft(draftKey: string): [string, (text: string) => void] {
  const key = `reprise.draft.${draftKey}`;
  const [draft, setDraft] = useState({ key, text: readStored(key) ?? '' });
  const current = draft.key === key ? draft : { key, text: readStored(key) ?? '' };
  if (current !== draft) setDraft(current);
  const setText = (text: string): void => {
    setDraft({ key, text });
    store(key, text === '' ? null : text);
  };
  return [current.text, setText];
}
