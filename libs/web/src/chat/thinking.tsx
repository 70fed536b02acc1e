import { IconBulb } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Markdown } from './markdown/markdown.js';
import { StepRow } from './step-row.js';
import classes from './steps.module.css';

/** What the model thought, folded to its last line. */
export function Thinking({ text }: { text: string }): ReactElement {
  const newest = text.split('\n').findLast((line) => line.trim() !== '') ?? '';
  return (
    <StepRow icon={<IconBulb size={16} stroke={1.8} aria-hidden />} title="Thinking" summary={newest}>
      {() => (
        <div className={classes.thoughts}>
          <Markdown text={text} />
        </div>
      )}
    </StepRow>
  );
}
