import { ActionIcon, Tooltip } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { Link } from 'wouter';

/** What {@link IconLink} takes. */
export interface IconLinkProps {
  /** Its destination: its name for screen readers, and its tooltip. */
  label: string;
  href: string;
  /** Px. */
  size?: number;
  /** It leads out of this page's own routes. */
  isForeign?: boolean;
  children: ReactNode;
}

/** A link that is an icon. */
export function IconLink({
  label,
  href,
  size = 32,
  isForeign = false,
  children,
}: IconLinkProps): ReactElement {
  const look = {
    variant: 'subtle',
    color: 'gray',
    size,
    radius: 'md',
    c: 'var(--ink-soft)',
    'aria-label': label,
  } as const;
  return (
    <Tooltip label={label} openDelay={400} fz="xs">
      {isForeign ? (
        <ActionIcon component="a" href={href} {...look}>
          {children}
        </ActionIcon>
      ) : (
        <ActionIcon component={Link} href={href} {...look}>
          {children}
        </ActionIcon>
      )}
    </Tooltip>
  );
}
