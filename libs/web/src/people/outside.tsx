import { MantineProvider } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { colours, theme } from '../theme.js';
import { useTitle } from '../ui/use-title.js';
import classes from './people.module.css';

/** A page for somebody who is not signed in. */
export function Outside({ title, children }: { title: string; children: ReactNode }): ReactElement {
  useTitle(title);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={colours} defaultColorScheme="auto">
      <main className={classes.outside}>
        <div className={classes.card}>
          <span className={classes.brand}>
            <img src="/favicon.svg" alt="" width={22} height={22} />
            Reprise
          </span>
          <h1>{title}</h1>
          {children}
        </div>
      </main>
    </MantineProvider>
  );
}
