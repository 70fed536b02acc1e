import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';

/** What {@link NavButton} takes. */
export interface NavButtonProps {
  /** Its destination: its name for screen readers, and its tooltip. */
  label: string;
  href: string;
  className?: string | undefined;
  children: ReactNode;
}

/** A link that is an icon. */
export function NavButton({ label, href, className, children }: NavButtonProps): ReactElement {
  return (
    <Tooltip label={label} openDelay={400} fz="xs">
      <ActionIcon
        component={Link}
        href={href}
        variant="subtle"
        color="gray"
        size={32}
        radius="md"
        aria-label={label}
        {...(className !== undefined && { className })}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
