import type { Attachment, Message } from '@reprise/client';
import { Button, Textarea } from '@mantine/core';
import {
  useEffect,
  useRef,
  useState,
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactElement,
} from 'react';
import { isComposing } from '../ui/composing.js';
import { AttachButton } from './attach-button.js';
import { DraftFileList } from './draft-file-list.js';
import { putFiles, takeFiles, useFiles } from './draft-files.js';
import { offerFiles } from './use-offered-files.js';
import classes from './question-editor.module.css';

const MOST_ROWS = 14;

/** What {@link QuestionEditor} takes. */
export interface QuestionEditorProps {
  question: Message;
  onSend: (text: string, attachments: readonly Attachment[]) => void;
  onCancel: () => void;
}

/** A question while its reader changes it. The old one stays as a version. */
export function QuestionEditor({ question, onSend, onCancel }: QuestionEditorProps): ReactElement {
  const { message_id, content, attachments } = question;
  const box = `edit.${message_id}`;
  const [text, setText] = useState(content);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useFiles(box);
  useEffect(() => {
    putFiles(box, attachments ?? []);
    field.current?.focus();
    field.current?.setSelectionRange(content.length, content.length);
    return () => {
      takeFiles(box);
    };
    // Once for each box: what the question was when the reader began.
  }, [box]);
  const canSend = text.trim() !== '' && files.every(({ file }) => file !== null);
  const send = (): void => {
    if (canSend) onSend(text.trim(), takeFiles(box));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === 'Escape') {
      event.preventDefault(); // it does not stop the run
      onCancel();
    } else if (event.key === 'Enter' && !event.shiftKey && event.target === field.current) {
      event.preventDefault();
      send();
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0 || event.clipboardData.getData('text/plain') !== '') return;
    event.preventDefault(); // they belong here, not to the box below
    offerFiles(box, pasted);
  };
  const focus = (): void => field.current?.focus();
  return (
    <form
      className={classes.editor}
      aria-label="Edit question"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={onKeyDown}
      onPaste={onPaste}
    >
      <DraftFileList box={box} onRemoved={focus} />
      <Textarea
        ref={field}
        variant="unstyled"
        autosize
        minRows={1}
        maxRows={MOST_ROWS}
        aria-label="Question"
        attributes={{ input: { dir: 'auto' } }}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <div className={classes.actions}>
        <AttachButton box={box} onPicked={focus} />
        <Button variant="default" size="compact-md" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" color="indigo" size="compact-md" disabled={!canSend}>
          Send
        </Button>
      </div>
    </form>
  );
}
