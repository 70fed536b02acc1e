import { ActionIcon, Tooltip, type ActionIconProps } from '@mantine/core';
import type { ComponentProps, ReactElement, ReactNode } from 'react';

/** What {@link IconButton} takes besides what a button takes. */
export interface IconButtonProps
  extends ActionIconProps, Omit<ComponentProps<'button'>, keyof ActionIconProps | 'aria-label'> {
  /** What it does: its name for screen readers, and its tooltip. */
  label: string;
  /** Keyboard shortcut for the same action, for the tooltip. */
  keys?: string;
  children: ReactNode;
}

/** The look of a less prominent button. */
const QUIET = { variant: 'subtle', color: 'gray', c: 'var(--ink-soft)' } as const;

/** A button that is an icon. */
export function IconButton({ label, keys, children, ...props }: IconButtonProps): ReactElement {
  const tip = keys === undefined ? label : `${label}  (${keys})`;
  return (
    <Tooltip label={tip} openDelay={400} withArrow={false} fz="xs">
      <ActionIcon {...QUIET} size={32} radius="md" aria-label={label} {...props}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
