import { Button, MantineProvider } from '@mantine/core';
import type { ReactElement } from 'react';
import { loginUrl, type Visitor } from '../api/session.js';
import { colours, theme } from '../theme.js';
import { messageOf } from '../ui/error-text.js';
import states from '../ui/states.module.css';

/** Instead of the page, for somebody whom the server does not know. */
export function SignedOut({ visitor }: { visitor: Visitor }): ReactElement {
  const isNobody = visitor.kind === 'nobody';
  return (
    <MantineProvider theme={theme} cssVariablesResolver={colours} defaultColorScheme="auto">
      <main className={states.state}>
        <h1>{isNobody ? 'You are not signed in' : 'This page could not be opened'}</h1>
        <p>
          {visitor.kind === 'unknown'
            ? messageOf(visitor.error)
            : 'Sign in to your application, then open this page again. Nothing that you wrote here is lost.'}
        </p>
        {isNobody && loginUrl !== null && (
          <Button component="a" href={loginUrl} size="xs">
            Sign in
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            location.reload();
          }}
        >
          Reload
        </Button>
      </main>
    </MantineProvider>
  );
}
