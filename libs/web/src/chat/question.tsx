import type { Attachment } from '@reprise/client';
import { useLayoutEffect, useRef, useState, type ReactElement } from 'react';
import { AttachmentList } from './attachment-list.js';
import classes from './exchange.module.css';

/** What {@link Question} takes. */
export interface QuestionProps {
  text: string;
  /** What it was sent with. */
  files?: readonly Attachment[] | undefined;
  isFaint?: boolean;
}

/** What the user wrote, verbatim; long texts are folded. */
export function Question({ text, files = [], isFaint = false }: QuestionProps): ReactElement {
  return (
    <>
      {files.length > 0 && (
        <div className={classes.files} data-faint={isFaint}>
          <AttachmentList files={files} />
        </div>
      )}
      <div className={classes.question} data-faint={isFaint}>
        <Folded text={text} />
      </div>
    </>
  );
}

function Folded({ text }: { text: string }): ReactElement {
  const box = useRef<HTMLDivElement>(null);
  const [isLong, setLong] = useState(false);
  const [isOpen, setOpen] = useState(false);
  useLayoutEffect(() => {
    const element = box.current;
    if (element) setLong(element.scrollHeight > element.clientHeight + 1);
  }, [text]);
  return (
    <>
      <div ref={box} className={classes.questionText} data-open={isOpen} dir="auto">
        {text}
      </div>
      {(isLong || isOpen) && (
        <button
          type="button"
          className={classes.more}
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {isOpen ? 'Show less' : 'Show more'}
        </button>
      )}
    </>
  );
}
