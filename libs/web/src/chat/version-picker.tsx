import { VisuallyHidden } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import classes from './version-picker.module.css';

/** What {@link VersionPicker} takes. */
export interface VersionPickerProps {
  /** Counted from 0. */
  at: number;
  count: number;
  onPick: (at: number) => void;
}

/** `‹ 2/3 ›` below a question that was asked more than once. */
export function VersionPicker({ at, count, onPick }: VersionPickerProps): ReactElement | null {
  if (count < 2) return null;
  return (
    <div className={classes.picker} role="group" aria-label="Versions of this answer">
      <Step label="Previous version" Glyph={IconChevronLeft} to={at - 1} count={count} onPick={onPick} />
      <span aria-hidden>
        {at + 1}/{count}
      </span>
      <VisuallyHidden role="status">{`Version ${at + 1} of ${count}`}</VisuallyHidden>
      <Step label="Next version" Glyph={IconChevronRight} to={at + 1} count={count} onPick={onPick} />
    </div>
  );
}

interface StepProps {
  label: string;
  Glyph: typeof IconChevronLeft;
  to: number;
  count: number;
  onPick: (at: number) => void;
}

/** Stays focusable at the end of the row, so that keyboard focus is not lost. */
function Step({ label, Glyph, to, count, onPick }: StepProps): ReactElement {
  const isThere = to >= 0 && to < count;
  return (
    <button
      type="button"
      aria-label={label}
      aria-disabled={!isThere}
      onClick={() => {
        if (isThere) onPick(to);
      }}
    >
      <Glyph size={15} stroke={2} aria-hidden />
    </button>
  );
}
