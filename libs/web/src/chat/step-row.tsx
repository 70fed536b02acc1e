import { IconChevronRight } from '@tabler/icons-react';
import { useId, useState, type ReactElement, type ReactNode } from 'react';
import classes from './steps.module.css';

/** What {@link StepRow} takes. */
export interface StepRowProps {
  icon: ReactNode;
  title: ReactNode;
  /** In one line, after the title. */
  summary?: ReactNode;
  /** On the right: how long it took. */
  aside?: ReactNode;
  /** Shown when the row is opened; loaded only then. */
  children: () => ReactNode;
}

/** One line of a run that can be opened. */
export function StepRow({ icon, title, summary, aside, children }: StepRowProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  const body = useId();
  return (
    <div className={classes.step}>
      <button
        type="button"
        className={classes.row}
        aria-expanded={isOpen}
        aria-controls={body}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <span className={classes.icon}>{icon}</span>
        <span className={classes.title}>{title}</span>
        <span className={classes.summary} dir="auto">
          {summary}
        </span>
        {aside !== undefined && <span className={classes.aside}>{aside}</span>}
        <IconChevronRight className={classes.chevron} data-open={isOpen} size={14} stroke={2} aria-hidden />
      </button>
      <div id={body} className={classes.body} hidden={!isOpen}>
        {isOpen && children()}
      </div>
    </div>
  );
}
