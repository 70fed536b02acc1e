import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Component, type ReactNode } from 'react';
import states from './states.module.css';

/** Shows what went wrong in place of an empty page. Most often a newer build has replaced the open one. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error): { error: Error } {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div className={states.state} role="alert">
        <IconPlugConnectedX size={28} stroke={1.5} aria-hidden />
        <h2>This page stopped working</h2>
        <p>{error.message}</p>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            location.reload();
          }}
        >
          Reload
        </Button>
      </div>
    );
  }
}
