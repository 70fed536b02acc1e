import { VisuallyHidden } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import type { Exchange, Version } from './exchanges.js';
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

/** Which version of an exchange is shown: the one a link points to, else the newest; a new one takes over. */
export function useVersion(
  exchange: Exchange,
  wanted: string | null,
): [Version, number, (at: number) => void] {
  const { versions } = exchange;
  const linked = versions.findIndex(({ id }) => id === wanted);
  const [picked, setPicked] = useState({
    at: linked < 0 ? versions.length - 1 : linked,
    of: versions.length,
    wanted,
  });
  const pick = (at: number): void => {
    setPicked({ at, of: versions.length, wanted });
  };
  let { at } = picked;
  if (picked.of !== versions.length) at = versions.length - 1;
  else if (picked.wanted !== wanted && linked >= 0) at = linked;
  if (picked.of !== versions.length || picked.wanted !== wanted) pick(at);
  const version = versions[at] ?? versions[versions.length - 1];
  if (!version) throw new Error('An exchange has at least one version.');
  return [version, at, pick];
}
