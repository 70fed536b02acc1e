import type { Attachment } from '@reprise/client';
import { Textarea } from '@mantine/core';
import { IconArrowUp, IconPlayerStopFilled } from '@tabler/icons-react';
import { useEffect, useRef, type KeyboardEvent, type ReactElement } from 'react';
import { isComposing } from '../ui/composing.js';
import { IconButton } from '../ui/icon-button.js';
import { AttachButton } from './attach-button.js';
import { DraftFileList } from './draft-file-list.js';
import { takeFiles, useFiles } from './draft-files.js';
import { onBoxWanted, useDraft } from './drafts.js';
import { useOfferedFiles } from './use-offered-files.js';
import classes from './composer.module.css';

const MOST_ROWS = 10;

/** What {@link Composer} takes. */
export interface ComposerProps {
  /** The chat the text goes to, or `NEW_CHAT`. The draft is stored under this name. */
  draftKey: string;
  /** A run is active: it can be stopped, and new messages wait for it. */
  isRunning: boolean;
  /** Takes over what was written and keeps it until the server has it. */
  onSend: (text: string, attachments: readonly Attachment[]) => void;
  onStop: () => void;
}

/** The input box. It stays mounted when its chat is created, so that nothing typed meanwhile is lost. */
export function Composer({ draftKey, isRunning, onSend, onStop }: ComposerProps): ReactElement {
  const [text, setText] = useDraft(draftKey);
  const files = useFiles(draftKey);
  const canSend = text.trim() !== '' && files.every(({ file }) => file !== null);
  const send = (): void => {
    if (!canSend) return;
    setText('');
    onSend(text.trim(), takeFiles(draftKey));
  };
  const field = useRef<HTMLTextAreaElement>(null);
  const focus = (): void => {
    focusBox(field.current);
  };
  const box = useRef<HTMLFormElement>(null);
  useOfferedFiles(box, draftKey);
  useEffect(() => {
    focusBox(field.current);
  }, [draftKey]);
  useEffect(() => onBoxWanted(() => field.current?.focus()), []);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event.nativeEvent)) return;
    event.preventDefault();
    send();
  };
  return (
    <form
      ref={box}
      className={classes.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <DraftFileList box={draftKey} onRemoved={focus} />
      <div className={classes.row}>
        <AttachButton box={draftKey} onPicked={focus} />
        <Textarea
          ref={field}
          classNames={{ root: classes.field ?? '', input: classes.input ?? '' }}
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
            focus(); // the button disappears
          }}
        />
      </div>
    </form>
  );
}

/** On a phone the keyboard would cover what the reader wants to see. */
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
