import type { PlanItem } from '@reprise/client';
import { IconCircle, IconCircleCheckFilled, IconCircleDashed, IconListCheck } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import classes from './steps.module.css';

/** The agent's to-do list. */
export function Plan({ items, isLive }: { items: readonly PlanItem[]; isLive: boolean }): ReactElement {
  const done = items.filter(({ status }) => status === 'completed').length;
  return (
    <section className={classes.plan} aria-label="Plan">
      <header className={classes.planHead}>
        <span className={classes.icon}>
          <IconListCheck size={16} stroke={1.8} aria-hidden />
        </span>
        <span className={classes.title}>Plan</span>
        <span className={classes.aside}>
          {done} of {items.length}
        </span>
      </header>
      <ol className={classes.planItems}>
        {items.map((item) => (
          <li key={item.id} data-status={item.status} data-live={isLive}>
            <PlanIcon status={item.status} />
            <span dir="auto">{item.text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

const WORDS = { pending: 'To do', in_progress: 'In progress', completed: 'Done' } as const;

function PlanIcon({ status }: { status: PlanItem['status'] }): ReactElement {
  const Icon = { pending: IconCircle, in_progress: IconCircleDashed, completed: IconCircleCheckFilled }[
    status
  ];
  return <Icon size={15} stroke={1.8} role="img" aria-label={WORDS[status]} />;
}
