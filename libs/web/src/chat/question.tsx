import { useLayoutEffect, useRef, useState, type ReactElement } from 'react';
import classes from './exchange.module.css';

/** What {@link Question} takes. */
export interface QuestionProps {
  text: string;
  isFaint?: boolean;
}

/** What the user wrote, verbatim; long texts are folded. */
export function Question({ text, isFaint = false }: QuestionProps): ReactElement {
  return (
    <div className={classes.question} data-faint={isFaint}>
      <Folded text={text} />
    </div>
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
